'use client';

import { useOrigin } from '../ui/states.tsx';
import { Code } from '../ui/text.tsx';

/** The lines of Python, with nothing but its standard library, that upload a file and register it as a version. */
export function RegisterDatasetLines({ name }: { name: string }) {
  const origin = useOrigin();
  return (
    <Code
      label="Register a dataset version"
      text={`import hashlib, json, urllib.request

def send(method, path, body, kind="application/json"):
    request = urllib.request.Request("${origin}" + path, body, {"content-type": kind}, method=method)
    return json.load(urllib.request.urlopen(request))

data = open("penguins.csv", "rb").read()
sha256 = hashlib.sha256(data).hexdigest()
send("PUT", f"/api/v1/files/{sha256}", data, "application/octet-stream")
query = """mutation ($input: RegisterDatasetVersionInput!) {
  registerDatasetVersion(input: $input) { ... on DatasetVersion { ref } ... on Problem { message } }
}"""
version = {"dataset": ${JSON.stringify(name)}, "single": True, "files": [{"path": "penguins.csv", "sha256": sha256}]}
print(send("POST", "/graphql", json.dumps({"query": query, "variables": {"input": version}}).encode()))`}
    />
  );
}
