"""The signatures that botocore gives to the requests of the unit test in `crates/world/src/aws.rs`."""
import datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

when = datetime.datetime.fromtimestamp(1795329405, datetime.timezone.utc).replace(tzinfo=None)
for service, headers, data, token in [
    (
        "ssm",
        {"content-type": "application/x-amz-json-1.1", "x-amz-target": "AmazonSSM.StartAutomationExecution"},
        b'{"DocumentName":"AWS-RestartEC2Instance"}',
        None,
    ),
    (
        "sts",
        {"content-type": "application/x-www-form-urlencoded; charset=utf-8"},
        b"Action=AssumeRole&Version=2011-06-15&RoleArn=arn%3Aaws%3Aiam%3A%3A1%3Arole%2Fx&RoleSessionName=rbl",
        "token/of+a=session",
    ),
]:
    request = AWSRequest(
        method="POST", url=f"https://{service}.us-east-1.amazonaws.com/", headers=headers, data=data
    )
    keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", token)
    with mock.patch("botocore.auth.get_current_datetime", return_value=when, create=True):
        SigV4Auth(keys, service, "us-east-1").add_auth(request)
    print(request.headers["Authorization"])
