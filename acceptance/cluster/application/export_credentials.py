"""`aws configure export-credentials` of version 2: the credentials that botocore finds, or an error."""
import json
import sys

import botocore.session

found = botocore.session.get_session().get_credentials()
if found is None:
    sys.exit("Unable to retrieve credentials: no credentials found")
keys = found.get_frozen_credentials()
print(json.dumps({"Version": 1, "AccessKeyId": keys.access_key, "SecretAccessKey": keys.secret_key, "SessionToken": keys.token}))
