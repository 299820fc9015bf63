#pragma once
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <openssl/tls1.h>
#include <openssl/x509_vfy.h>
#include <openssl/x509v3.h>

/* What the library offers as macros alone, which Swift cannot import. */

static inline int copenssl_set_versions(SSL_CTX *context, int least, int most) {
  return SSL_CTX_set_min_proto_version(context, least) &&
         SSL_CTX_set_max_proto_version(context, most);
}

/* No compression, no renegotiation; buffers only while they hold something; tickets, but no cache
   of sessions in memory. */
static inline void copenssl_set_house_rules(SSL_CTX *context) {
  SSL_CTX_set_options(context, SSL_OP_NO_COMPRESSION | SSL_OP_NO_RENEGOTIATION |
                                   SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context, SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
}

static inline int copenssl_set_server_name(SSL *ssl, const char *name) {
  return (int)SSL_set_tlsext_host_name(ssl, name);
}

static inline int copenssl_alternative_name_count(const GENERAL_NAMES *names) {
  return sk_GENERAL_NAME_num(names);
}

/* The text of the name at `index`, NULL when it is of a kind that is not text. */
static inline const ASN1_STRING *copenssl_alternative_name(const GENERAL_NAMES *names, int index,
                                                           int *kind) {
  const GENERAL_NAME *name = sk_GENERAL_NAME_value(names, index);
  *kind = name->type;
  switch (name->type) {
  case GEN_DNS: return name->d.dNSName;
  case GEN_URI: return name->d.uniformResourceIdentifier;
  case GEN_EMAIL: return name->d.rfc822Name;
  case GEN_IPADD: return name->d.iPAddress;
  default: return NULL;
  }
}
