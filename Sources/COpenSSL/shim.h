// SPDX-License-Identifier: Apache-2.0
// The one door to libcrypto. Low-level DES_* is deprecated upstream but kept on purpose: re-keying
// through EVP costs three times as much, and DUKPT re-keys at every step.
#ifndef TILLGUARD_COPENSSL_SHIM_H
#define TILLGUARD_COPENSSL_SHIM_H

#define OPENSSL_SUPPRESS_DEPRECATED 1

#include <openssl/aes.h>
#include <openssl/asn1.h>
#include <openssl/bn.h>
#include <openssl/cms.h>
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/des.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/params.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/rsa.h>
#include <openssl/sha.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#endif
