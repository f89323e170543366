"""The signature that botocore gives to the request of the unit test in `crates/world/src/aws.rs`."""
import datetime
from unittest import mock

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

request = AWSRequest(
    method="POST",
    url="https://ssm.us-east-1.amazonaws.com/",
    headers={
        "content-type": "application/x-amz-json-1.1",
        "x-amz-target": "AmazonSSM.StartAutomationExecution",
    },
    data=b'{"DocumentName":"AWS-RestartEC2Instance"}',
)
when = datetime.datetime.fromtimestamp(1795329405, datetime.timezone.utc).replace(tzinfo=None)
keys = Credentials("AKIDEXAMPLE", "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY")
with mock.patch("botocore.auth.get_current_datetime", return_value=when, create=True):
    SigV4Auth(keys, "ssm", "us-east-1").add_auth(request)
print(request.headers["Authorization"])
