// libpq (https://www.postgresql.org/docs/15/libpq.html).
#pragma once
#include <libpq-fe.h>

// OpenSSL's, which libpq is linked with.
struct ssl_st;
int SSL_pending(const struct ssl_st *ssl);

// Whether OpenSSL holds decrypted bytes that libpq has not taken: the socket says nothing of them.
static inline int cpostgres_has_pending(PGconn *connection) {
  const struct ssl_st *ssl = PQsslStruct(connection, "OpenSSL");
  return ssl && SSL_pending(ssl) > 0;
}
