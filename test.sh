#!/usr/bin/env bash
# Installs what is missing, builds, and runs all tests; ends with ctest's summary.
# TORCH_DIR=.../site-packages/torch ./test.sh does so against that libtorch instead of Debian's, apart, in build/release-torch.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
"$here/tools/build.sh" ON
cd "$here/build/release${TORCH_DIR:+-torch}" && exec ctest -j 2 --output-on-failure
