/// Keys and tokens that were made once for these tests; the private keys are forgotten.
///
/// The tokens are of `ci` at `https://issuer.test` for `benchfront`, valid in seconds 1000 to 2000
/// since 1970, with the roles "operator" and "unknown".
enum Fixtures {
  static let keySet = """
    {"keys": [
      {"kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256", "n": "w4esdtd0SGkbqeoHji6Nl\
    OcXZqoGJcaiNAEJz7DKugtS7Z2OiRySHp2B0dr50gg80tq322GdAw4TtlTrmxM43JV97eujmx07PJumq0GBI\
    3BFdAy08HyoWXhQUmx7jkRm-6y-EOaUHafaTV6cPIwdgYVCVBEz4IkncpUuDfZNRJhnUJXIycpvPRWiUf7Eh\
    zCgtsN7MjfOsEePaW0XO52b4VnRe35dY7M083iSYR14F5vXoCJH_AaSzdo4P-jgjED44OanEPUzLZeNO7oDq\
    BU8YpSj0lag-aD5Ps3fTwI555iQz4iZv5cGfaZ32nf7oNCqiLmlQg08-D9bjWghwr0bmQ", "e": "AQAB"},
      {"kty": "EC", "kid": "e", "crv": "P-256", "x": "LbiCGCbzqlUUn9FeYhUZI9YzFiVin6BdVLYH\
    oOTkXkw", "y": "1WtcS_rwlWqtXFPaQGlurtqK6yV85t9Og3Ztd8PcUG4"},
      {"kty": "OKP", "kid": "d", "crv": "Ed25519", "x": "SuYkvv3_bSIqN-_NtI2NuKaIOhImyTAOL\
    7WGhQ6_TXg"},
      {"kty": "RSA", "kid": "small", "n": "zo-1RGEkTi1RlAXHcFc1jHdqZfbBzlevgnG8-lo7P4qt0xS\
    Of-sXtckZFC4Mdf5m7wo81eMrYJ4FdIDqHqzvN8cMLyMc4GGKOYZwDRU8KzvwDxcsANqG4zZ9O8rwJekgrUI\
    D-RbAMEnDq5x4orKxWBKaBKoVPRvxuakA80pzd70", "e": "AQAB"},
      {"kty": "oct", "kid": "o", "k": "c2VjcmV0"}
    ]}
    """

  static let good: [(algorithm: String, token: String)] = [
    (
      "rs256",
      "eyJhbGciOiJSUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvc"
        + "GVyYXRvciIsInVua25vd24iXX0.m99z5WJ_7pZ7PCH0BZdq2WVYAFM7UzMVN7WPYP8ZvLqcoPPs9fb4e-pfm9E"
        + "1Tixfybyrpxtldl0RRilTcUevMJDFEVrsWFdTlcI0CB0d9bk8lDehnlAH698C_yR5wMFoeeK16ZpYkB5JF9J24"
        + "5LRat6zMT36ga_M2F3ATNUaLYyoe2ACvyIwOm4A1fuhQsvgotVI-9Ytwxhx82wZ8GOm_BvZbVYBefANxWfaLNZ"
        + "IcJzMvuZC51KkLK6JR9tj6oVIB4-ANp80SOph_bD2_f0CNpagdkeqwdFTRjBTaIsu6araH7AUmd3prC3ParbzX"
        + "G1QnddzFe78wVEoCXViN7L4yA"
    ),
    (
      "es256",
      "eyJhbGciOiJFUzI1NiIsImtpZCI6ImUifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvc"
        + "GVyYXRvciIsInVua25vd24iXX0.DlzdAxmTyYFdWghMEAKeGqagieOv4WYs_MMxlpFRwZUjyoKYscQRl8p0K7p"
        + "wFwOK94SVVH9P4sTuRTUW_SIn8Q"
    ),
    (
      "edDSA",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvc"
        + "GVyYXRvciIsInVua25vd24iXX0.e-qDHb-FNvr1a-AE2eJCfR7lpF8A3Lv0zPUV3KeJsEKvbXKDCznm8T93qrv"
        + "PeE993JzfrqWdx9ogWt6lJYR6BA"
    ),
  ]

  static let bad: [(fault: String, token: String)] = [
    (
      "hmacWithPublicKey",
      "eyJhbGciOiJIUzI1NiIsImtpZCI6InIifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvc"
        + "GVyYXRvciIsInVua25vd24iXX0.hX4Lqh5PXpUidqh5KVvABTAVISKvrGGDo5HwMLb7itE"
    ),
    (
      "none",
      "eyJhbGciOiJub25lIiwia2lkIjoiZCJ9.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm90a"
        + "GVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvcGV"
        + "yYXRvciIsInVua25vd24iXX0."
    ),
    (
      "otherKeysName",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImUifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvc"
        + "GVyYXRvciIsInVua25vd24iXX0.vZDcECmhjyVOeX7eQK3dvoLRlYXVTbtpCCmuC_U3MlMKUhdLNvGvyJCkYh2"
        + "to09Gf1flBXdQyFSif03DCVxKCw"
    ),
    (
      "smallKey",
      "eyJhbGciOiJSUzI1NiIsImtpZCI6InNtYWxsIn0.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIj"
        + "pbIm90aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6"
        + "WyJvcGVyYXRvciIsInVua25vd24iXX0.D9Qmzdea8TcDvgGPeO5wC7SP62Kl735l9PFT7X6T2MnGpP6PG42M9I"
        + "twz_c1CEwRl--48t9W4-3uNrTMAUwumoAdyGby2JirjLEx4x_dZIcxfwM-4uMXbIuxPuOLkZ0YwtgwwMVkfkYH"
        + "Qd2oee9A2lAqDhefHHttp1b3_DB-PQM"
    ),
    (
      "unknownKey",
      "eyJhbGciOiJFZERTQSIsImtpZCI6Inp6In0.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm"
        + "90aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJv"
        + "cGVyYXRvciIsInVua25vd24iXX0.LOdZm0EXr-TRq1pHyTOYP1iEy0_dEnJP3zPYjBimFwHnqaoydtf2IQetHv"
        + "k38-6HBb_nbAFPHlk6JCWUAVIeBw"
    ),
    (
      "critical",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQiLCJjcml0IjpbImV4cCJdfQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci5"
        + "0ZXN0IiwiYXVkIjpbIm90aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxM"
        + "DAwLCJyb2xlcyI6WyJvcGVyYXRvciIsInVua25vd24iXX0.n3yDcC1EwH9vWqHhd3Vs_10A1SP6K3ArAfJ2rbS"
        + "skr9vLxR2qG_v3jp81LqOzkqyR3G39uHKvecyVPjTL-AhDA"
    ),
    (
      "otherIssuer",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2V2aWwudGVzdCIsImF1ZCI6WyJvdGh"
        + "lciIsImJlbmNoZnJvbnQiXSwic3ViIjoiY2kiLCJleHAiOjIwMDAsIm5iZiI6MTAwMCwicm9sZXMiOlsib3Blc"
        + "mF0b3IiLCJ1bmtub3duIl19.hvnfHxiH8SeASbN38iKV81uj-s51G01IR5IZdu92PVAm1I0uwvgrVHpjtiZGX_"
        + "v0JLOHZDE8mkYGcKXx7jBGDw"
    ),
    (
      "otherAudience",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjoib3R"
        + "oZXIiLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvcGVyYXRvciIsInVua25vd"
        + "24iXX0.QlJPEu7r2BkKu-tJYikSWgPm7I0QL3Hd5PXcWoUrucnxXZJK2CdJt_xZfHBINP7EkV-o3w_dNNotFqR"
        + "r2ULlDQ"
    ),
    (
      "noExpiry",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsIm5iZiI6MTAwMCwicm9sZXMiOlsib3BlcmF0b3IiLCJ1b"
        + "mtub3duIl19.hxdNjETdgN7v7jIpLTMtnQXSt10CREzHa121jYS683cjaawZDSht_SJg1Mn7YY-y82MKdQs3Sa"
        + "GK-yFA1UhqCQ"
    ),
    (
      "textExpiry",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6IjIwMDAiLCJuYmYiOjEwMDAsInJvbGVzIjpbI"
        + "m9wZXJhdG9yIiwidW5rbm93biJdfQ.32tEiwBa-gcE5y91reiHtQeWZMZ5wQRyIDpaqzUMskdQqWlVy3Yg0txs"
        + "1p41bXVs-IDFZz9BLNsC59Dpd2lXBA"
    ),
    (
      "noSubject",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiIiLCJleHAiOjIwMDAsIm5iZiI6MTAwMCwicm9sZXMiOlsib3Blc"
        + "mF0b3IiLCJ1bmtub3duIl19.oXx3xAjZVLQ8LfcBCwiCtbgdvyb_Vo6yZhPYybZ1yfEc_tYuCVq0EJCHPWNAbY"
        + "brsIZruBx74rEK9s7e7w-5BA"
    ),
    (
      "changed",
      "eyJhbGciOiJFZERTQSIsImtpZCI6ImQifQ.eyJpc3MiOiJodHRwczovL2lzc3Vlci50ZXN0IiwiYXVkIjpbIm9"
        + "0aGVyIiwiYmVuY2hmcm9udCJdLCJzdWIiOiJjaSIsImV4cCI6MjAwMCwibmJmIjoxMDAwLCJyb2xlcyI6WyJvc"
        + "GVyYXRvciIsInVua25vd24iXX0.e-qDHb-FNvr1a-AE2eJCfR7lpF8A3Lv0zPUV3KeJsEKvbXKDCznm8T93qrv"
        + "PeE993JzfrqWdx9ogWt6lAAAAAA"
    ),
  ]
}
