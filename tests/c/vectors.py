"""Prints the signature vectors of this call, and the wrong answers to the first, as a C header."""

import json
import sys

RESOURCE_TYPE = "executeMarketplaceWebhooks"


def c_string(text: str) -> str:
    """Every byte outside of plain ASCII as three octal digits, which end by themselves."""
    plain = lambda byte: 32 <= byte < 127 and chr(byte) not in '"\\?'
    return '"' + "".join(chr(b) if plain(b) else f"\\{b:03o}" for b in text.encode()) + '"'


def main(path: str) -> None:
    with open(path, encoding="utf-8") as file:
        data = json.load(file)
    print("static const struct vector {\n    const char *name, *token, *secret, *hmac;\n    int64_t timestamp;\n} vectors[] = {")
    for vector in data["vectors"]:
        if vector["resourcetype"] == RESOURCE_TYPE:
            fields = [c_string(vector[key]) for key in ("name", "token", "secret", "hmac")]
            print(f"    {{{', '.join(fields)}, {vector['timestamp']}LL}},")
    print("};\n\nstatic const char *const wrong_answers_for_a1[] = {")
    for wrong in data["wrong_answers_for_A1"]:
        print(f"    {c_string(wrong['hmac'])}, /* {wrong['mistake']} */")
    print("};")


if __name__ == "__main__":
    main(sys.argv[1])
