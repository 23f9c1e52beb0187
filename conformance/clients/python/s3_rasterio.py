"""rasterio, and GDAL's own HTTP client below it."""

import os
from urllib.parse import urlsplit

import rasterio

import measure

# Without the two last, GDAL keeps what it has seen of the file.
options = {
    "AWS_S3_ENDPOINT": urlsplit(os.environ["TARGET_URL"]).netloc,
    "AWS_HTTPS": "NO",
    "AWS_VIRTUAL_HOSTING": False,
    "GDAL_DISABLE_READDIR_ON_OPEN": "EMPTY_DIR",
    "CPL_VSIL_CURL_NON_CACHED": "/vsis3/",
    "VSI_CACHE": False,
}


def get():
    with rasterio.Env(session=rasterio.session.DummySession(), **options):
        rasterio.open("/vsis3/bucket/key").close()


measure.run("rasterio", rasterio.__gdal_version__, get)
