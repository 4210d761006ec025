#!/usr/bin/env bash
# Installs a released sspr, after comparing the archive with its checksum and with where it says it was built.
set -euo pipefail

case "$RUNNER_OS-$RUNNER_ARCH" in
  Linux-X64) target=x86_64-unknown-linux-musl kind=tar.gz ;;
  Linux-ARM64) target=aarch64-unknown-linux-musl kind=tar.gz ;;
  macOS-X64) target=x86_64-apple-darwin kind=tar.gz ;;
  macOS-ARM64) target=aarch64-apple-darwin kind=tar.gz ;;
  Windows-X64) target=x86_64-pc-windows-msvc kind=zip ;;
  *)
    echo "::error::There is no sspr for $RUNNER_OS on $RUNNER_ARCH."
    exit 1
    ;;
esac

name="sspr-$SSPR_VERSION-$target"
archive="$name.$kind"
into="$RUNNER_TEMP/sspr-$SSPR_VERSION"
mkdir -p "$into"
cd "$into"
gh release download "v$SSPR_VERSION" --repo "$SSPR_REPOSITORY" --pattern "$archive" --pattern SHA256SUMS --clobber

if [ -n "$SSPR_SHA256" ]; then
  expected=$SSPR_SHA256
else
  # The whole name, so that no other archive's line is taken for this one's.
  expected=$(awk -v name="$archive" '$2 == name || $2 == "*" name { print $1 }' SHA256SUMS)
fi
if command -v sha256sum >/dev/null; then
  actual=$(sha256sum "$archive" | cut -d ' ' -f 1)
else
  actual=$(shasum -a 256 "$archive" | cut -d ' ' -f 1)
fi
if [ -z "$expected" ] || [ "$actual" != "$expected" ]; then
  echo "::error::$archive is not what was released: its SHA-256 is $actual, not ${expected:-listed}. Nothing was installed."
  exit 1
fi
# A checksum from the same place proves that nothing broke on the way; the attestation, that the project built it.
gh attestation verify "$archive" --repo "$SSPR_REPOSITORY"

case "$kind" in
  zip) unzip -qo "$archive" ;;
  *) tar -xzf "$archive" ;;
esac
echo "$into/$name" >> "$GITHUB_PATH"
