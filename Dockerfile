# Two stages: wheels are made where compilers may be, and run where they may not.
FROM python:3.11-slim-bookworm AS build
WORKDIR /app
COPY requirements.lock .
RUN python -m venv /venv && /venv/bin/pip install --no-cache-dir --require-hashes -r requirements.lock

FROM python:3.11-slim-bookworm
RUN apt-get update && apt-get install -y --no-install-recommends libgomp1 && rm -rf /var/lib/apt/lists/* \
    && useradd --system --create-home --home-dir /var/lib/padan padan
WORKDIR /app
COPY --from=build /venv /venv
COPY pyproject.toml ./
COPY backend backend
COPY frontend_templates frontend_templates
COPY migrations migrations
COPY search_config search_config
ENV PATH=/venv/bin:$PATH PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 \
    PADAN_ENVIRONMENT=production PADAN_VAR_DIR=/var/lib/padan
USER padan
EXPOSE 8000
# The worker overrides this: it has no port, and tells its health through the website's /healthz.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/healthz', timeout=4)"]
CMD ["python", "-m", "backend", "serve", "--host", "0.0.0.0", "--port", "8000"]
