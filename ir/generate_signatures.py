"""Writes the table behind ir/Signatures.h from the dialect's TableGen records.

Usage: generate_signatures.py RECORDS.json OUT.inc, with the records as `llvm-tblgen --dump-json` prints them.
Comes after the .td files and before ir/Signatures.cpp, which includes OUT.inc.
"""

import json
import sys

ATTRIBUTE_KINDS = {
    "I64Attr": "Int",
    "F64Attr": "Float",
    "BoolAttr": "Bool",
    "StrAttr": "String",
    "DenseI64ArrayAttr": "IntList",
}


def literal(text):
    """`text` as a C++ string literal."""
    return json.dumps(" ".join(text.split()))


class Records:
    def __init__(self, records):
        self.records = records

    def argument(self, type_name, name):
        """One row of a signature, or None for an argument the table has no word for."""
        record = self.records[type_name]
        default, optional = "", False
        if "Optional" in record["!superclasses"]:
            optional = True
            record = self.records[record["baseType"]["def"]]
        variadic = "Variadic" in record["!superclasses"]
        if variadic:
            record = self.records[record["baseType"]["def"]]
        if record.get("defaultValue") is not None:
            default = record["defaultValue"].strip('"')
        kind = record.get("kind")
        if kind is not None:
            default = record.get("default") or default
            kind = "TensorList" if variadic and kind == "Tensor" else kind
        elif "Attr" in record["!superclasses"]:
            base = record
            while base.get("baseAttr"):
                base = self.records[base["baseAttr"]["def"]]
            kind = ATTRIBUTE_KINDS.get(base["!name"])
        if kind is None:
            return None
        # A string default is kept as the text the user would write.
        if kind == "String" and default:
            default = f'"{default}"'
        return (
            f"{{{literal(name)}, ArgumentKind::{kind}, {literal(default)}, "
            f"{'true' if optional else 'false'}, {literal(record.get('summary') or '')}}}"
        )

    def signatures(self):
        names = self.records["!instanceof"]
        for name in sorted(names.get("Weir_Op", []) + names.get("Weir_RecipeCall", [])):
            record = self.records[name]
            mnemonic = record.get("opName") or record["mnemonic"]
            rows = [self.argument(a["def"], label) for a, label in record["arguments"]["args"]]
            yield mnemonic, record, [row for row in rows if row]


def main(source, target):
    with open(source, encoding="utf-8") as file:
        records = Records(json.load(file))
    arrays, table = [], []
    for mnemonic, record, rows in sorted(records.signatures(), key=lambda item: item[0]):
        array = "{}"
        if rows:
            array = f"{mnemonic}Arguments"
            arrays.append(f"const Argument {array}[] = {{\n    " + ",\n    ".join(rows) + "};")
        category = record["category"].capitalize()
        table.append(
            f"    {{{literal(mnemonic)}, Category::{category}, {array},\n     {literal(record['summary'])},\n"
            f"     {literal(record['description'])}}}"
        )
    with open(target, "w", encoding="utf-8") as file:
        file.write("// Written by ir/generate_signatures.py from the dialect's ODS; do not edit.\n\n")
        file.write("\n".join(arrays))
        file.write("\n\nconst Signature allSignatures[] = {\n" + ",\n".join(table) + "};\n")


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
