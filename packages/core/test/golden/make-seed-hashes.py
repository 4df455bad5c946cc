#!/usr/bin/env python3
"""Hashes of strings by OpenSSL's SipHash-2-4 with 128 bits, under the key of the published test vectors.

The first 64 strings are the inputs of those vectors (vectors_sip128 of https://github.com/veorq/SipHash); the others are UTF-8 of
every length of code, surrogates alone (by Python's "surrogatepass") and in pairs, and lengths around multiples of 256.
Run with OpenSSL 3: python3 make-seed-hashes.py > seed-hashes.json
"""
import json
import subprocess

KEY = bytes(range(16)).hex()
texts = ["".join(map(chr, range(length))) for length in range(64)]
texts += ["ä", "Größe", "é", "e\u0301", "検査", "\uffff", "😀", "a😀b", "\ud83d", "\ude00", "\ude00\ud83d", "x\udfff1", "\U0010ffff"]
texts += ["a" * length for length in (255, 256, 257, 1000)]


def siphash(message: bytes) -> str:
    command = ["openssl", "mac", "-macopt", f"hexkey:{KEY}", "-macopt", "size:16", "-in", "/dev/stdin", "SIPHASH"]
    return subprocess.run(command, input=message, capture_output=True, check=True).stdout.decode().strip().lower()


print(json.dumps([{"text": text, "hash": siphash(text.encode("utf-8", "surrogatepass"))} for text in texts], indent=0))
