"""Does the web server live? Workers and the relay serve nothing: they end when they die."""

import os
import sys
import urllib.request

if os.environ.get("PROCESS") in {"worker", "relay"}:
    sys.exit(0)
url = f"http://127.0.0.1:{os.environ.get('PORT') or 8000}/livez"
try:
    urllib.request.urlopen(url, timeout=3).close()
except OSError as error:
    sys.exit(str(error))
