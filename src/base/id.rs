//! Ids: 96 bits, 48 of milliseconds and 48 random, monotonic within a process (`server::ids`).
//! Twelve bytes in the database, 24 lower-case hex characters everywhere else (`docs/adr/0005-ids.md`).

use serde::{Deserialize, Deserializer, Serialize, Serializer, de::Error as _};
use std::{fmt, str::FromStr};

/// The text is not 24 lower-case hexadecimal characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id has 24 hexadecimal characters")
    }
}

impl std::error::Error for NotAnId {}

/// Shared by all kinds of ids, so one generator can make any of them.
pub trait Id: Copy {
    fn from_bytes(bytes: [u8; 12]) -> Self;
    fn bytes(&self) -> [u8; 12];
}

fn parse_hex(text: &str) -> Result<[u8; 12], NotAnId> {
    let text = text.as_bytes();
    if text.len() != 24 {
        return Err(NotAnId);
    }
    let mut bytes = [0; 12];
    for (byte, pair) in bytes.iter_mut().zip(text.chunks_exact(2)) {
        *byte = nibble(pair[0])? << 4 | nibble(pair[1])?;
    }
    Ok(bytes)
}

fn nibble(digit: u8) -> Result<u8, NotAnId> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(NotAnId),
    }
}

fn write_hex(bytes: &[u8; 12], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    bytes.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
}

/// Server only: encodes an id to and decodes it from a `bytea` column.
#[cfg(feature = "ssr")]
macro_rules! stored_id {
    ($name:ident) => {
        impl sqlx::Type<sqlx::Postgres> for $name {
            fn type_info() -> sqlx::postgres::PgTypeInfo {
                <Vec<u8> as sqlx::Type<sqlx::Postgres>>::type_info()
            }
        }

        impl sqlx::postgres::PgHasArrayType for $name {
            fn array_type_info() -> sqlx::postgres::PgTypeInfo {
                <Vec<u8> as sqlx::postgres::PgHasArrayType>::array_type_info()
            }
        }

        impl<'q> sqlx::Encode<'q, sqlx::Postgres> for $name {
            fn encode_by_ref(
                &self,
                buffer: &mut sqlx::postgres::PgArgumentBuffer,
            ) -> Result<sqlx::encode::IsNull, sqlx::error::BoxDynError> {
                <&[u8] as sqlx::Encode<sqlx::Postgres>>::encode(&self.0[..], buffer)
            }
        }

        impl<'r> sqlx::Decode<'r, sqlx::Postgres> for $name {
            fn decode(value: sqlx::postgres::PgValueRef<'r>) -> Result<Self, sqlx::error::BoxDynError> {
                let bytes = <&[u8] as sqlx::Decode<sqlx::Postgres>>::decode(value)?;
                Ok(Self(bytes.try_into()?))
            }
        }
    };
}

#[cfg(not(feature = "ssr"))]
macro_rules! stored_id {
    ($name:ident) => {};
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name([u8; 12]);

        impl Id for $name {
            fn from_bytes(bytes: [u8; 12]) -> Self {
                Self(bytes)
            }
            fn bytes(&self) -> [u8; 12] {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write_hex(&self.0, f)
            }
        }

        impl FromStr for $name {
            type Err = NotAnId;
            fn from_str(text: &str) -> Result<Self, NotAnId> {
                parse_hex(text).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
                text.parse().map_err(D::Error::custom)
            }
        }

        stored_id!($name);
    )+};
}

ids! {
    /// A company on the exchange.
    AccountId,
    /// A person who can sign in.
    UserId,
    /// A signed-in browser. The cookie holds a separate secret.
    SessionId,
    /// A sign-up whose address is not verified yet.
    SignupId,
    /// A party an account trades with, as that account sees it.
    EntityId,
    /// A connection between two accounts: one sells leads to the other.
    ConnectionId,
    /// A request sent to an email address.
    InvitationId,
    /// An account's record of a business that supplies it with leads.
    PartnerId,
    /// A flow, which receives leads.
    FlowId,
    /// An entity used as a source in one flow: the `source_id` of URLs and leads.
    SourceId,
    /// The username and secret a source authenticates with.
    CredentialId,
    /// One submission.
    LeadId,
    /// A queued or sent email.
    MailId,
    /// An API key.
    ApiKeyId,
    /// An activity entry.
    ActivityId,
    /// A notice under *Needs attention*.
    NoticeId,
    /// A place that the leads of a flow are delivered to.
    DeliveryId,
    /// Anything that the activity is about.
    SubjectId,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_survives_a_round_trip() {
        let id: FlowId = "5fd4371e940df5a34a3888b2".parse().unwrap();
        assert_eq!(id.to_string(), "5fd4371e940df5a34a3888b2");
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"5fd4371e940df5a34a3888b2\"");
        assert_eq!(serde_json::from_str::<FlowId>("\"5fd4371e940df5a34a3888b2\"").unwrap(), id);
    }

    #[test]
    fn anything_but_24_lower_case_hex_characters_is_rejected() {
        for text in [
            "",
            "5fd4371e940df5a34a3888b",
            "5FD4371E940DF5A34A3888B2",
            "5fd4371e940df5a34a3888bg",
            "é".repeat(12).as_str(),
        ] {
            assert_eq!(text.parse::<FlowId>(), Err(NotAnId), "{text}");
        }
    }
}
