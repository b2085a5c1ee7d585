#!/usr/bin/env bash
# Build Cinecor.app and its disk image on a Mac with Python 3.11. Written down, never run: no Mac was at hand.
#   IDENTITY="Developer ID Application: …" PROFILE=notary installer/macos/build.sh
set -euo pipefail
cd "$(dirname "$0")/../.."
python3.11 installer/build.py --payload-only
PYTHON=build/installer/venv/bin/python

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
