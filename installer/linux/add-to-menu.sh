#!/bin/sh
# Adds Cinecor to the menu and to “Open with” of this user, from the folder it lies in; `--remove` takes it out again.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
entry="${XDG_DATA_HOME:-$HOME/.local/share}/applications/cinecor.desktop"
if [ "${1:-}" = --remove ]; then
    rm -f "$entry"
    exit 0
fi
mkdir -p "$(dirname "$entry")"
# Inside the quotes of an Exec line these characters need a backslash, which itself is doubled in the file.
quoted=$(printf '%s' "$here/cinecor" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/%/%%/g')
while IFS= read -r line; do
    case "$line" in
        Exec=*) printf 'Exec="%s" open %%F\n' "$quoted" ;;
        Icon=*) printf 'Icon=%s\n' "$here/share/cinecor.svg" ;;
        *) printf '%s\n' "$line" ;;
    esac
done < "$here/share/cinecor.desktop" > "$entry"
if command -v update-desktop-database > /dev/null; then
    update-desktop-database -q "$(dirname "$entry")"
fi
echo "$entry"
