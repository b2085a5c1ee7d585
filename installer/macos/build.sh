#!/usr/bin/env bash
# Build Cinecor.app and its disk image on a Mac with Python 3.11. Written down, never run: no Mac was at hand.
#   IDENTITY="Developer ID Application: …" PROFILE=notary installer/macos/build.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
python3.11 -m venv build/installer/venv
PYTHON=build/installer/venv/bin/python
"$PYTHON" -m pip install --quiet --constraint constraints.txt pyinstaller .
python3.11 -m venv build/installer/tools # apart: what lies beside a library may be collected with it
build/installer/tools/bin/python -m pip install --quiet pyinstaller 'cyclonedx-python-lib[json-validation]' \
    license-expression
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct) PYTHONHASHSEED=0 "$PYTHON" -m PyInstaller --noconfirm \
    --distpath build/installer --workpath build/installer/work installer/cinecor.spec
build/installer/tools/bin/python installer/licences/make.py --payload build/installer/cinecor \
    --site build/installer/venv/lib/python3.11/site-packages

VERSION=$("$PYTHON" -c 'from importlib.metadata import version; print(version("cinecor"))')
APP=build/installer/Cinecor.app
rm -rf "$APP"
mkdir -p "$APP/Contents/MacOS" "$APP/Contents/Resources"
cp -R build/installer/cinecor/. "$APP/Contents/MacOS/"
sed "s/@VERSION@/$VERSION/" installer/macos/Info.plist > "$APP/Contents/Info.plist"

if [ -n "${IDENTITY:-}" ]; then # libraries first, then the program; Python needs no entitlement but unsigned memory
    find "$APP" \( -name '*.so' -o -name '*.dylib' \) -exec codesign --force --timestamp --options runtime \
        --sign "$IDENTITY" {} +
    codesign --force --timestamp --options runtime --entitlements installer/macos/entitlements.plist \
        --sign "$IDENTITY" "$APP"
    codesign --verify --deep --strict "$APP"
fi
hdiutil create -volname Cinecor -srcfolder "$APP" -ov -format UDZO "build/installer/Cinecor-$VERSION.dmg"
if [ -n "${PROFILE:-}" ]; then # xcrun notarytool store-credentials "$PROFILE" once before
    xcrun notarytool submit "build/installer/Cinecor-$VERSION.dmg" --keychain-profile "$PROFILE" --wait
    xcrun stapler staple "build/installer/Cinecor-$VERSION.dmg"
fi
"$APP/Contents/MacOS/cinecor" selftest
