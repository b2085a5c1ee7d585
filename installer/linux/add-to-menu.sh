#!/bin/sh
# Adds Cinecor to the menu and to “Open with” of this user, from the folder it lies in; `--remove` takes it out again.
set -eu
here=$(CDPATH='' cd -- "$(dirname -- "$0")" && pwd)
folder="${XDG_DATA_HOME:-$HOME/.local/share}/applications"
folders=zz-cinecor-folder.desktop
opens_folders() { command -v xdg-mime > /dev/null && xdg-mime query default inode/directory 2> /dev/null || true; }
if [ "${1:-}" = --remove ]; then
    rm -f "$folder/cinecor.desktop" "$folder/$folders"
    if command -v update-desktop-database > /dev/null && [ -d "$folder" ]; then
        update-desktop-database -q "$folder"
    fi
    exit 0
fi
before=$(opens_folders)
mkdir -p "$folder"
# Inside the quotes of an Exec line these characters need a backslash, which itself is doubled in the file.
quoted=$(printf '%s' "$here/cinecor" | sed 's/\\/\\\\\\\\/g; s/["`$]/\\\\&/g; s/%/%%/g')
command -v xdg-mime > /dev/null || folders= # nothing would keep what opens folders
for entry in cinecor.desktop $folders; do
    while IFS= read -r line; do
        case "$line" in
            Exec=*) printf 'Exec="%s" open %%F\n' "$quoted" ;;
            Icon=*) printf 'Icon=%s\n' "$here/share/cinecor.svg" ;;
            *) printf '%s\n' "$line" ;;
        esac
    done < "$here/share/$entry" > "$folder/$entry"
done
if command -v update-desktop-database > /dev/null; then
    update-desktop-database -q "$folder"
fi
# What a user has comes before what the system has: what opened folders goes on doing so.
if [ -n "$before" ] && [ "$before" != "$folders" ] && [ "$(opens_folders)" = "$folders" ]; then
    xdg-mime default "$before" inode/directory
fi
echo "$folder/cinecor.desktop"
