// Says what the package `yaml`, a reader of YAML 1.2, takes texts for. Input and output are those of pyyaml.py.

import { readFileSync } from "node:fs";
import { parseDocument } from "yaml";

const OPTIONS = { version: "1.2", schema: "core", intAsBigInt: true, logLevel: "error", prettyErrors: false };

function said(value) {
    if (value === null || typeof value === "boolean") return value;
    if (typeof value === "string") return value.isWellFormed() ? value : { other: "half of a surrogate pair" };
    if (typeof value === "bigint") return { integer: value.toString() };
    if (typeof value === "number") {
        const bits = Buffer.alloc(8);
        bits.writeDoubleBE(value);
        return { float: bits.toString("hex") };
    }
    if (Array.isArray(value)) return value.map(said);
    if (value instanceof Map) return { members: [...value].map(([key, member]) => [said(key), said(member)]) };
    if (value instanceof Date) return { other: `Date ${value.toISOString()}` };
    return { other: `${value?.constructor?.name} ${value}` };
}

function answer(text) {
    const document = parseDocument(text, OPTIONS);
    const [error] = document.errors;
    if (error) return { error: error.message };
    try {
        return said(document.toJS({ mapAsMap: true }) ?? null);
    } catch (error) {
        return { error: error.message };
    }
}

for (const line of readFileSync(0, "utf8").trimEnd().split("\n")) {
    console.log(JSON.stringify(answer(JSON.parse(line))));
}
