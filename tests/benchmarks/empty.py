"""The least a page could cost: one FastAPI route that does nothing."""

from fastapi import FastAPI

app = FastAPI()


@app.get("/")
def nothing() -> dict[str, str]:
    return {}
