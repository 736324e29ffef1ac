"""What the suite of searches asks: records with every kind of gap, comparisons that know their own meaning, and how they are spelled.

A record is what a search sees of one thing: its attributes, metrics, params, tags and datasets by name. A comparison is written as a filter
and also decided here in plain Python, by MLflow's documented rules: what is absent matches nothing but IS NULL, NaN matches nothing
but `!=`, LIKE tells case apart and ILIKE does not.
"""

import math
import random
import re
from dataclasses import dataclass, field

STRING = ("=", "!=", "LIKE", "ILIKE")
NULLS = ("IS NULL", "IS NOT NULL")
LISTS = ("IN", "NOT IN")
NUMBER = ("=", "!=", ">", ">=", "<", "<=")


@dataclass
class Record:
    """One run, experiment, model or version, as far as searches see it."""

    label: str
    attributes: dict = field(default_factory=dict)
    metrics: dict = field(default_factory=dict)
    params: dict = field(default_factory=dict)
    tags: dict = field(default_factory=dict)
    datasets: list = field(default_factory=list)

    def values(self, kind, key):
        """What the record holds under a name: none, one, or for datasets several."""
        if kind == "datasets":
            return [one[key] for one in self.datasets if key in one]
        held = getattr(self, kind)
        return [held[key]] if key in held else []


def like(value, pattern, flags=0):
    parts = {"%": ".*", "_": "."}
    return re.fullmatch("".join(parts.get(char, re.escape(char)) for char in pattern), value, flags | re.DOTALL) is not None


DECIDE = {
    "=": lambda held, given: held == given,
    "!=": lambda held, given: held != given,
    ">": lambda held, given: held > given,
    ">=": lambda held, given: held >= given,
    "<": lambda held, given: held < given,
    "<=": lambda held, given: held <= given,
    "LIKE": like,
    "ILIKE": lambda held, given: like(held, given, re.IGNORECASE),
    "IN": lambda held, given: held in given,
    "NOT IN": lambda held, given: held not in given,
}


@dataclass(frozen=True)
class Comparison:
    kind: str
    key: str
    operator: str
    value: object
    text: str

    def matches(self, record):
        held = record.values(self.kind, self.key)
        if self.operator in NULLS:
            return bool(held) == (self.operator == "IS NOT NULL")
        return any(DECIDE[self.operator](one, self.value) for one in held)


@dataclass(frozen=True)
class Field:
    """Something that may be compared: how its names are spelled, by which operators, with which values."""

    kind: str
    key: str
    spellings: tuple
    operators: tuple
    values: tuple


def literal(value):
    """The spellings of a value."""
    if isinstance(value, tuple):
        return ["(" + ", ".join(f"'{one}'" for one in value) + ")"]
    if isinstance(value, str):
        return [f"'{value}'", f'"{value}"']
    if not math.isfinite(value):
        raise ValueError("a filter cannot say this number")
    return sorted({repr(value), f"{value:e}" if isinstance(value, float) else str(value)})


def operator_spellings(operator):
    return [operator, operator.lower()] if operator.isupper() else [operator]


def every_comparison(fields):
    """Each field by each operator with each value; the spellings of names, operators and values take turns."""
    made = []
    for one in fields:
        for operator in one.operators:
            for value in values_for(one, operator):
                made.append(spell(one, operator, value, lambda choices: choices[len(made) % len(choices)]))
        # And each spelling of the name at least once.
        operator = one.operators[0]
        value = values_for(one, operator)[0]
        made += [spell(one, operator, value, lambda choices: choices[0], spelling) for spelling in one.spellings]
    return list({comparison.text: comparison for comparison in made}.values())


def values_for(one, operator):
    if operator in NULLS:
        return [None]
    if operator in LISTS:
        strings = list(one.values)
        return [tuple(strings[:1]), tuple(strings[:2]), tuple(strings[-2:])]
    return list(one.values)


def spell(one, operator, value, choose, spelling=None):
    words = [spelling or choose(one.spellings), choose(operator_spellings(operator))]
    if operator not in NULLS:
        words.append(choose(literal(value)))
    return Comparison(one.kind, one.key, operator, value, " ".join(words))


def generated_filters(fields, count, seed):
    """Conjunctions of one to four comparisons, drawn at random but the same for the same seed."""
    draw = random.Random(seed)
    spaces = [" AND ", " and ", "  AND\t", " AND\n"]
    made = []
    for _ in range(count):
        comparisons = []
        for one in draw.sample(fields, draw.randint(1, min(4, len(fields)))):
            operator = draw.choice(one.operators)
            comparisons.append(spell(one, operator, draw.choice(values_for(one, operator)), draw.choice))
        made.append((draw.choice(spaces).join(comparison.text for comparison in comparisons), comparisons))
    return made


def names(prefixes, key):
    """The spellings of a key behind each prefix: plain where it can be, between backticks and quotes always."""
    plain = [f"{prefix}.{key}" for prefix in prefixes] if re.fullmatch(r"[\w.]+", key) else []
    return tuple(plain + [f"{prefixes[0]}.`{key}`", f'{prefixes[-1]}."{key}"'])


METRIC, PARAM, TAG = ("metrics", "metric"), ("params", "param", "parameter", "parameters"), ("tags", "tag")
ATTRIBUTE = ("attributes", "attribute", "attr", "run")
TEXTS = ("red", "Red", "r_d", "r%", "%e%", "50%", "a AND b", "", "ünï")
NUMBERS = (0.5, 0, -1.5, 1e-3, 2.5e10, 1, -1e300)
