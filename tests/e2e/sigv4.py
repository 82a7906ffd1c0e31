"""AWS Signature Version 4 for tests: what is signed, and how. Both who signs
(aws_services.py) and who judges signatures (aws_front.py) build on it; the
program under test shares nothing with it.

https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

import hashlib
import hmac
import time
import urllib.parse

ALGORITHM = "AWS4-HMAC-SHA256"


def encode(data, safe=""):
    return urllib.parse.quote(data, safe="-._~" + safe)


def again(text, safe=""):
    """Text in the one right encoding, whichever encoding it came in."""
    return encode(urllib.parse.unquote_to_bytes(text), safe)


def canonical_query(query):
    pairs = [item.partition("=")[::2] for item in query.split("&") if item]
    return "&".join("%s=%s" % pair for pair in sorted(
        (again(name), again(value)) for name, value in pairs))


def canonical_request(method, target, headers, names, payload, service):
    """headers: values by lower-case name; names: those that are signed."""
    path, _, query = target.partition("?")
    path = again(path, "/")
    if service != "s3":
        path = encode(path, "/")
    lines = ["%s:%s" % (name, " ".join(headers[name].split()))
             for name in names]
    return "\n".join([method, path, canonical_query(query), *lines, "",
                      ";".join(names), payload])


def hmac_of(key, text):
    return hmac.new(key, text.encode("utf-8"), hashlib.sha256).digest()


def signature(secret, scope, date, canonical):
    """scope: day, region, service."""
    key = ("AWS4" + secret).encode("utf-8")
    for part in (*scope, "aws4_request"):
        key = hmac_of(key, part)
    return hmac_of(key, "\n".join([
        ALGORITHM, date, "/".join([*scope, "aws4_request"]),
        hashlib.sha256(canonical.encode("utf-8")).hexdigest()])).hex()


def sign(method, target, headers, body, service, region, key, secret):
    """Adds to the headers (by lower-case name, with host) what signs them."""
    payload = hashlib.sha256(body).hexdigest()
    date = time.strftime("%Y%m%dT%H%M%SZ", time.gmtime())
    headers["x-amz-date"] = date
    headers["x-amz-content-sha256"] = payload
    names, scope = sorted(headers), (date[:8], region, service)
    canonical = canonical_request(method, target, headers, names, payload,
                                  service)
    headers["authorization"] = (
        "%s Credential=%s/%s/aws4_request, SignedHeaders=%s, Signature=%s" % (
            ALGORITHM, key, "/".join(scope), ";".join(names),
            signature(secret, scope, date, canonical)))
