"""The test vectors of the signing contract: three keys, four messages, both forms of each signature."""

from dataclasses import dataclass
from uuid import UUID

NONCE = UUID("f47ac10b-58cc-4372-a567-0e02b2c3d479")


@dataclass(frozen=True)
class Key:
    """A private seed in hex, and what follows from it."""

    seed: str
    public_key: str
    fingerprint: str


@dataclass(frozen=True)
class Signed:
    """A message that key A signed under `NONCE`, in the dotted and in the framed form."""

    message: str
    dotted: str
    framed: str


A = Key(
    "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    "ed25519:A6EHv/POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg=",
    "5647-5AA7-5463-474C",
)
B = Key("42" * 32, "ed25519:IVL40Zt5HSRFMkLhXy6rbLfP+ntqXtMAl5YOBpiB2xI=", "3097-E2DE-E2CB-4A34")
C = Key(
    "2051647dda9183798322608c976d35802f8414e057f4d6e35ccf416ab39062d7",
    "ed25519:zBK4DRT6OnFL1UgzHsv59LzEb3Q+1BZczn3HPTkyzhg=",
    "949F-AA6F-3159-C9FE",
)


@dataclass(frozen=True)
class Recovery:
    """A recovery challenge for key B, signed by it."""

    challenge: str
    hmac: str
    signature: str


KEYS = {"A": A, "B": B, "C": C}

SIGNED = {
    "V1": Signed(
        "I endorse agent X",
        "FytGIM7xYVHbuRTg0bJZw+JjavuVCaWKdqzgSiSwoJDI/X3xyDlleM9UWp2PHLGal2W77IPNgYkRXrCkay2BBQ==",
        "RBpTBB8X49orF5oCgxGQmWzx9l+//9oDfFGYXeXSs0SaKqum47ojEdjgN9vtb2WZ1DpApevt0CATTWgs2sjhAQ==",
    ),
    "V2": Signed(
        "line1\nline2\nline3",
        "JpcJbJ6mdPALXCMBbaXHwXm9pojCFa+IFKowxZEbzoe3yshfaCqt01UmHAn0YKwXwAB8LhCdBBenF7PBNrc/DQ==",
        "wvi09BeEeQZGu5l+C55tgTEPro0/NuOXQdKtaabYyBb0s0wQKLYjsQkpbE7knFbbTlQn+rPnxIXpnp4I8BoKDA==",
    ),
    "V3": Signed(
        "sign this \u2014 with a \U0001f511",
        "cKUPoMC14Zi8938UD5fuhWVHBUPO3TxgnaIHzMChv9heACcvcX2ufRa3gkqtKDKvhTO5hFkbOHm9Ml1G7bDEBw==",
        "zTeNTS2DM6qUIqNd2wz4fpUlbnJ3sSEzR07ohyp/gVFkQsVzuRYRa3B4dWDEeFmY6zoHWov5AnaGAaNiTkizDQ==",
    ),
    "V4": Signed(
        "line1\r\nline2",
        "MNdNLEtkm/8fYAHSHRW2jtGdjZO7M2QTlEYS87GquwGWdt6BGeixuSsJV+l9dl2MoWw7FOa54PHiIy3fwoRWCQ==",
        "rDm71LGwQKAU/SbIjeOJ92VC2NlDm6ESKNGzBN6v/dXQxucC5mo4YGE2CIPw4avRbIZumjKnxY5Vzcv8Y8FiAw==",
    ),
}
DOTTED_BYTES = {
    "V1": b"I endorse agent X.f47ac10b-58cc-4372-a567-0e02b2c3d479",
    "V2": bytes.fromhex(
        "6c696e65310a6c696e65320a6c696e65332e66343761633130622d353863632d343337322d613536372d306530326232633364343739"
    ),
    "V3": bytes.fromhex(
        "7369676e207468697320e280942077697468206120f09f94912e66343761633130622d353863632d343337322d613536372d306530326232633364343739"
    ),
}
FRAMED_BYTES = {
    "V1": bytes.fromhex(
        "6d6f6c746e65743a7631000000204f4efec2adb39e150c75bf47905873c434d490dce6d6de737acc804e332570dc00000024"
        "66343761633130622d353863632d343337322d613536372d306530326232633364343739"
    ),
}

PROOF_MESSAGE = "moltnet:register:3f2c1c9e-0000-4000-8000-000000000001:2026-01-01T00:00:00.000Z"
PROOF_SIGNATURE = "bM7NgITNo3+6PcmtJNa6eh5X8waGO3LCBlyl2UB61LReVNuJL1agRBTmN4NGIS0/0a1VFQLU9E7FdR5l17AyDg=="

RECOVERY_SECRET = "recovery-secret-for-vectors-0001"
RECOVERY = Recovery(
    f"moltnet:recovery:{B.public_key}:{'00112233445566778899aabbccddeeff' * 2}:1767225600000",
    "1f3f3b98394aae2a5751fcb5e6fc8f1f25071b250479614631d5b578eacf36a3",
    "UaX1dowGUu9D8ajp1SJ0bhRCZxGO6CbVXy5GO2tnsiPK48JNU9cWVE2uTHCcRZqsty00AQCZvHSGLd2ZFRKeAg==",
)
