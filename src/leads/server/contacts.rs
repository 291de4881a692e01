//! How a person's leads are found: by a hash of each e-mail address and phone number in its normal form.

use super::sensitive::REMOVED;
use crate::{
    base::{AccountId, Id as _, SecretHash},
    rules::{FieldType, Lead},
};

/// The hashes of all valid e-mail addresses and phone numbers of a lead, each once.
pub fn of_lead(account: AccountId, lead: &Lead) -> Vec<i64> {
    let mut hashes: Vec<_> = lead
        .values()
        .filter_map(|(_, value)| of_value(account, value.field_type, &value.normal, value.valid))
        .collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// The hash of a value; None if it is no valid e-mail address or phone number.
pub fn of_value(account: AccountId, field_type: FieldType, normal: &str, valid: bool) -> Option<i64> {
    let is_contact = matches!(field_type, FieldType::Email | FieldType::Phone);
    (is_contact && valid && !normal.is_empty() && normal != REMOVED).then(|| hash(account, field_type, normal))
}

/// The hash of one normal form. Different people can share a hash, so what is found by it is compared in full.
pub fn hash(account: AccountId, field_type: FieldType, normal: &str) -> i64 {
    let text = [&account.bytes(), field_type.as_str().as_bytes(), b" ", normal.as_bytes()].concat();
    let mut first = [0; 8];
    first.copy_from_slice(&SecretHash::of(&text).bytes()[..8]);
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::parse;

    #[test]
    fn each_address_and_number_is_hashed_once_per_account() {
        let [first, second]: [AccountId; 2] =
            ["0123456789abcdef01234567", "0123456789abcdef01234568"].map(|id| id.parse().unwrap());
        let mut lead = Lead::default();
        lead.insert("email", parse(FieldType::Email, "Ann@Example.com"));
        lead.insert("email_2", parse(FieldType::Email, "ann@example.com"));
        lead.insert("phone_1", parse(FieldType::Phone, "nobody"));
        lead.insert("first_name", parse(FieldType::String, "Ann"));
        assert_eq!(of_lead(first, &lead), [hash(first, FieldType::Email, "ann@example.com")]);
        assert_ne!(of_lead(first, &lead), of_lead(second, &lead));
    }
}
