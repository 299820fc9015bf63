#!/usr/bin/env bash
# Makes the keys and certificates of the tests, which nothing outside them trusts.
# usage: certificates.sh FOLDER
#
# ca           signed server, renewed, expired, elsewhere and client; other-ca signed stranger
# server       for localhost, 127.0.0.1 and ::1; renewed is its successor
# elsewhere    for elsewhere.example alone
# expired      like server, but its time is over
# client       with names of every kind; stranger is a client of other-ca
# encrypted    the server's key with a password
set -euo pipefail
cd "$1"

new_key() { openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"; }

authority() {
  new_key "$1"
  openssl req -x509 -new -key "$1.key" -sha256 -days 30 -subj "/CN=$1" -out "$1.pem"
}

# certificate NAME CA DAYS ALTERNATIVE-NAMES USAGE
certificate() {
  new_key "$1"
  printf 'subjectAltName=%s\nextendedKeyUsage=%s\n' "$4" "$5" >"$1.ext"
  openssl req -new -key "$1.key" -subj "/O=Benchfront/CN=$1" -out "$1.csr"
  openssl x509 -req -in "$1.csr" -CA "$2.pem" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" \
    -sha256 -days "$3" -extfile "$1.ext" -out "$1.pem"
}

here=DNS:localhost,IP:127.0.0.1,IP:::1
authority ca
authority other-ca
certificate server ca 30 "$here" serverAuth
certificate renewed ca 30 "$here" serverAuth
certificate expired ca -1 "$here" serverAuth
certificate elsewhere ca 30 DNS:elsewhere.example,IP:192.0.2.7 serverAuth
certificate client ca 30 \
  DNS:agent-1.example,URI:spiffe://example.org/agent/1,email:agent@example.org clientAuth
certificate stranger other-ca 30 DNS:stranger.example clientAuth
openssl pkcs8 -topk8 -in server.key -passout pass:secret -out encrypted.key
