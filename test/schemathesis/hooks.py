"""What Schemathesis cannot know: ids of incidents, the secret of webhooks, and the signature of Twilio."""
import base64
import hashlib
import hmac
import json
import os
from datetime import datetime, timedelta, timezone
from urllib.parse import parse_qsl

import requests
import schemathesis

settings = json.loads(os.environ["SCHEMATHESIS_SETTINGS"])


def is_valid(case) -> bool:
    """Whether the request is meant to fit the document; others stay as they are."""
    return case.meta is None or case.meta.generation.mode.is_positive


@schemathesis.hook
def before_call(context, case, kwargs):
    path = case.operation.path
    if not is_valid(case):
        return
    digest = hashlib.sha256(repr((path, case.path_parameters, case.body)).encode()).digest()
    if path.startswith("/notifier/{"):
        case.path_parameters = {**case.path_parameters, "secret": settings["secret"]}
    elif path == "/notifier":
        case.query = {**(case.query or {}), "secret": settings["secret"]}
    elif path.startswith("/incidents/{") and digest[0] % 4 > 0:
        ids = settings["incidents"]
        case.path_parameters = {**case.path_parameters, "id": ids[digest[1] % len(ids)]}
    elif path.startswith("/schedules/{") and digest[0] % 4 > 0:
        case.path_parameters = {**case.path_parameters, "name": settings["schedule"]}
        if digest[1] % 2 > 0 and isinstance(case.body, dict):
            case.body = {**case.body, "contact": "lead", "from": later(hours=1), "to": later(hours=2)}
    elif path.startswith("/twilio/") and isinstance(case.body, dict):
        sign(case)


def later(**span) -> str:
    return (datetime.now(timezone.utc) + timedelta(**span)).isoformat(timespec="seconds")


def sign(case):
    """https://www.twilio.com/docs/usage/webhooks/webhooks-security"""
    sids = {"MessageSid": "SM", "CallSid": "CA", "OriginalRepliedMessageSid": "SM"}
    body = {**case.body, "AccountSid": settings["accountSid"]}
    for name, letters in sids.items():
        if name in body:
            body[name] = letters + hashlib.md5(str(body[name]).encode()).hexdigest()
    if "From" in body:
        body["From"] = settings["from"]
    case.body = body
    request = requests.Request(**case.as_transport_kwargs(base_url=settings["url"])).prepare()
    fields = sorted(parse_qsl(as_text(request.body), keep_blank_values=True))
    signed = request.url + "".join(name + value for name, value in fields)
    digest = hmac.new(settings["authToken"].encode(), signed.encode(), hashlib.sha1).digest()
    case.headers = {**(case.headers or {}), "X-Twilio-Signature": base64.b64encode(digest).decode()}


def as_text(body) -> str:
    return body.decode() if isinstance(body, bytes) else body or ""
