//! The secrets that sign webhooks, by Standard Webhooks (standardwebhooks.com, version 1.0.0). They are stored encrypted,
//! because every signature needs them, and shown once.

use crate::{
    base::{DeliveryId, Id as _, LeadId, Secret},
    server::{AppState, ids::random_bytes},
};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use standardwebhooks::Webhook;

/// Makes a secret.
pub fn make() -> Secret {
    Secret::new(format!("whsec_{}", STANDARD.encode(random_bytes::<32>())))
}

fn about(id: DeliveryId) -> Vec<u8> {
    [b"delivery secret ", &id.bytes()[..]].concat()
}

pub fn seal(state: &AppState, id: DeliveryId, secret: &Secret) -> Vec<u8> {
    state.seal.close(&about(id), secret.reveal().as_bytes())
}

/// None if it cannot be decrypted, because `SECRET_KEY` has changed.
pub fn unseal(state: &AppState, id: DeliveryId, sealed: &[u8]) -> Option<Secret> {
    Some(Secret::new(String::from_utf8(state.seal.open(&about(id), sealed)?).ok()?))
}

/// The id of a webhook: the same for each attempt, so that its receiver notices a second one.
pub fn webhook_id(delivery: DeliveryId, lead: LeadId) -> String {
    format!("msg_{delivery}{lead}")
}

/// The signatures of a webhook, by each secret. None if a secret is not readable.
pub fn sign(secrets: &[Secret], id: &str, at: i64, body: &str) -> Option<String> {
    let one = |secret: &Secret| Webhook::new(secret.reveal()).ok()?.sign(id, at, body.as_bytes()).ok();
    Some(secrets.iter().map(one).collect::<Option<Vec<_>>>()?.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_signature_is_that_of_the_specification() {
        // The example of the specification.
        let secret = Secret::new("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw");
        let signed = sign(&[secret], "msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, "{\"test\": 2432232314}");
        assert_eq!(signed.as_deref(), Some("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="));
    }

    #[test]
    fn two_secrets_sign_while_they_overlap() {
        let (old, new) = (make(), make());
        let signed = sign(&[new, old], "msg_1", 1, "x").unwrap();
        let parts: Vec<_> = signed.split(' ').collect();
        assert!(parts.len() == 2 && parts[0] != parts[1] && parts.iter().all(|part| part.starts_with("v1,")));
    }
}
