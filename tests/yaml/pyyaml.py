"""Says what PyYAML, a reader of YAML 1.1, takes texts for; with the word `libyaml` its faster half in C, with the word `json`
what Python's reader of JSON takes them for.

Each line of the input is a JSON string, a text. Each line of the output is the value: null, booleans and strings as they are,
{"integer": digits}, {"float": 64 bits in hexadecimal}, a list for a sequence, {"members": [[key, value]…]} for a mapping,
{"other": type and value} for all else; or {"error": message}.
"""

import json
import struct
import sys

import yaml

READERS = {
    "pyyaml": lambda text: yaml.load(text, yaml.SafeLoader),
    "libyaml": lambda text: yaml.load(text, yaml.CSafeLoader),
    "json": json.loads,
}
read = READERS[sys.argv[1]]


def said(value):
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, int):
        return {"integer": str(value)}
    if isinstance(value, float):
        return {"float": struct.pack(">d", value).hex()}
    if isinstance(value, str):
        if any("\ud800" <= letter <= "\udfff" for letter in value):
            return {"other": "half of a surrogate pair"}
        return value
    if isinstance(value, list):
        return [said(item) for item in value]
    if isinstance(value, dict):
        return {"members": [[said(key), said(member)] for key, member in value.items()]}
    return {"other": f"{type(value).__name__} {value}"}


def answer(text):
    try:
        return said(read(text))
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError, TypeError) as error:
        return {"error": str(error).split("\n")[0]}


for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))))
