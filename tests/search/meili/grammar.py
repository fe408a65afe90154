"""The filter language, read independently of the code that writes it: AND, OR, NOT, =, !=, IN, comparisons, quotes."""

import re
from collections.abc import Callable, Mapping
from typing import Any

Condition = Callable[[Mapping[str, Any]], bool]
_TOKEN = re.compile(
    r'\s*(?:(?P<string>"(?:[^"\\]|\\.)*"|\'(?:[^\'\\]|\\.)*\')|(?P<op>>=|<=|!=|[=<>()\[\],])|(?P<word>[^\s()\[\],=<>!"\']+))'
)
MAX_DEPTH = 200


class FilterError(ValueError):
    pass


def read(text: str) -> Condition:
    tokens, at = [], 0
    text = text.strip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if not match:
            raise FilterError(f"unexpected character at {at}")
        at = match.end()
        kind = match.lastgroup
        value = match[kind]
        tokens.append((kind, re.sub(r"\\(.)", r"\1", value[1:-1]) if kind == "string" else value))
    parser = _Parser(tokens)
    condition = parser.either(0)
    if parser.at != len(tokens):
        raise FilterError("something stands after the end of the filter")
    return condition


class _Parser:
    def __init__(self, tokens: list[tuple[str, str]]) -> None:
        self.tokens, self.at = tokens, 0

    def peek(self) -> tuple[str, str]:
        return self.tokens[self.at] if self.at < len(self.tokens) else ("end", "")

    def take(self, *wanted: str) -> tuple[str, str]:
        token = self.peek()
        if wanted and token[1].upper() not in wanted:
            raise FilterError(f"expected {wanted}, found {token[1]!r}")
        self.at += 1
        return token

    def either(self, depth: int) -> Condition:
        if depth > MAX_DEPTH:
            raise FilterError("nested too deep")
        sides = [self.both(depth)]
        while self.peek()[0] == "word" and self.peek()[1].upper() == "OR":
            self.take()
            sides.append(self.both(depth))
        return lambda row: any(side(row) for side in sides)

    def both(self, depth: int) -> Condition:
        sides = [self.one(depth)]
        while self.peek()[0] == "word" and self.peek()[1].upper() == "AND":
            self.take()
            sides.append(self.one(depth))
        return lambda row: all(side(row) for side in sides)

    def one(self, depth: int) -> Condition:
        if self.peek() == ("op", "("):
            self.take()
            inner = self.either(depth + 1)
            self.take(")")
            return inner
        if self.peek()[1].upper() == "NOT" and self.peek()[0] == "word":
            self.take()
            inner = self.one(depth + 1)
            return lambda row: not inner(row)
        kind, attribute = self.take()
        if kind != "word":
            raise FilterError("expected an attribute")
        operator = self.take()[1].upper()
        if operator == "IN":
            self.take("[")
            values = []
            while self.peek()[1] != "]":
                values.append(self.take()[1])
                if self.peek()[1] == ",":
                    self.take()
            self.take("]")
            return lambda row: bool(set(map(str, values)) & _values(row, attribute))
        value = self.take()[1]
        if operator in ("=", "!="):
            equal = operator == "="
            return lambda row: (value in _values(row, attribute)) is equal
        if operator in (">", ">=", "<", "<="):
            number = float(value)
            test = {">": float.__gt__, ">=": float.__ge__, "<": float.__lt__, "<=": float.__le__}[operator]
            return lambda row: isinstance(row.get(attribute), int | float) and test(float(row[attribute]), number)
        raise FilterError(f"unknown operator {operator!r}")


def _values(row: Mapping[str, Any], attribute: str) -> set[str]:
    held = row.get(attribute)
    return {str(one) for one in (held if isinstance(held, list) else [] if held is None else [held])}
