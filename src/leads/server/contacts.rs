//! How a person's leads are found: by a hash of each e-mail address and phone number in its normal form.

use super::sensitive::REMOVED;
use crate::{
    base::{AccountId, Id as _, SecretHash},
    leads::input::Input,
    rules::{FieldType, Lead, Value, parse},
};

/// Maximum bytes of a parameter that can be an address or number.
const MAX_ADDRESS: usize = 320;
const MAX_NUMBER: usize = 40;
/// Phone numbers of one submission that are looked for beside its fields; reading one takes up to 50 microseconds.
const MAX_NUMBERS: usize = 20;
/// Parameters with one of these in their name are read as phone numbers.
const PHONE_WORDS: [&str; 5] = ["phone", "tel", "mobile", "cell", "fax"];

/// The hashes of all e-mail addresses and phone numbers of a lead, each once: of its valid fields, and of its
/// parameters, because a parameter that no field takes is stored too.
pub fn of_lead(account: AccountId, lead: &Lead, input: &Input) -> Vec<i64> {
    let fields = lead.values().filter_map(|(_, value)| of_value(account, value));
    let is_field = |text: &str| lead.values().any(|(_, value)| value.valid && value.raw == text);
    let others = || input.texts().filter(|(_, text)| !is_field(text));
    let addresses = others().filter(|(_, text)| text.len() <= MAX_ADDRESS && text.contains('@'));
    let addresses = addresses.filter_map(|(_, text)| of_text(account, FieldType::Email, text));
    let numbers = others().filter(|(name, text)| text.len() <= MAX_NUMBER && is_of_phone(name)).take(MAX_NUMBERS);
    let numbers = numbers.filter_map(|(_, text)| of_text(account, FieldType::Phone, text));
    let mut hashes: Vec<_> = fields.chain(addresses).chain(numbers).collect();
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

fn is_of_phone(name: &str) -> bool {
    let name = name.to_ascii_lowercase();
    PHONE_WORDS.iter().any(|word| name.contains(word))
}

/// The hash of a text; None if it is no valid value of the type.
pub fn of_text(account: AccountId, field_type: FieldType, text: &str) -> Option<i64> {
    of_value(account, &parse(field_type, text))
}

/// The hash of a value; None if it is no valid e-mail address or phone number.
fn of_value(account: AccountId, value: &Value) -> Option<i64> {
    let normal = match value.field_type {
        FieldType::Email => value.normal.as_str(),
        // The extension is not part of who is called.
        FieldType::Phone => value.normal.split('x').next().unwrap_or_default(),
        _ => return None,
    };
    let is_known = value.valid && !normal.is_empty() && normal != REMOVED;
    is_known.then(|| hash(account, value.field_type, normal))
}

/// The first half of a 128-bit digest of account, type and value: that two persons of an account share one is as good as
/// impossible.
fn hash(account: AccountId, field_type: FieldType, normal: &str) -> i64 {
    let text = [&account.bytes(), field_type.as_str().as_bytes(), b" ", normal.as_bytes()].concat();
    let mut first = [0; 8];
    first.copy_from_slice(&SecretHash::of(&text).bytes()[..8]);
    i64::from_be_bytes(first)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::leads::input::{Content, InputValue};
    use std::collections::BTreeMap;

    const ACCOUNT: &str = "0123456789abcdef01234567";

    /// The hashes of a lead whose fields are `email` and `phone_1`, sent as these parameters.
    fn hashes(account: &str, parameters: &[(&str, &str)]) -> Vec<i64> {
        let mut lead = Lead::default();
        for (name, field_type) in [("email", FieldType::Email), ("phone_1", FieldType::Phone)] {
            if let Some((_, raw)) = parameters.iter().find(|(parameter, _)| *parameter == name) {
                lead.insert(name, parse(field_type, raw));
            }
        }
        let value = |(name, text): &(&str, &str)| ((*name).to_owned(), InputValue::One((*text).to_owned()));
        let values: BTreeMap<_, _> = parameters.iter().map(value).collect();
        of_lead(account.parse().unwrap(), &lead, &Input::of(values))
    }

    fn of(field_type: FieldType, text: &str) -> i64 {
        of_text(ACCOUNT.parse().unwrap(), field_type, text).unwrap()
    }

    #[test]
    fn a_lead_is_found_by_each_address_and_number_it_has() {
        let (ann, bob) = (of(FieldType::Email, "ann@example.com"), of(FieldType::Email, "bob@example.com"));
        let phone = of(FieldType::Phone, "(512) 555-0111");
        for (parameters, expected) in [
            (&[("email", " Ann@Example.com ")][..], vec![ann]),
            (&[("email", "ann@example.com"), ("mail", "ANN@example.com")], vec![ann]),
            (&[("email", "not valid"), ("contact.Email", "bob@example.com")], vec![bob]),
            (&[("phone_1", "512-555-0111 ext 12")], vec![phone]),
            (&[("MobilePhone", "+1 512 555 0111"), ("id", "5125550111")], vec![phone]),
            (&[("id", "5125550111"), ("first_name", "Ann"), ("phone_1", "nobody")], vec![]),
        ] {
            assert_eq!(hashes(ACCOUNT, parameters), expected, "{parameters:?}");
        }
        let both = hashes(ACCOUNT, &[("email", "ann@example.com"), ("other", "bob@example.com")]);
        assert_eq!(both.len(), 2);
        assert_ne!(hashes("0123456789abcdef01234568", &[("email", "ann@example.com")]), [ann]);
    }

    #[test]
    fn each_value_of_a_list_counts() {
        let body = b"email=ann%40example.com&email=bob%40example.com";
        let input = Input::read(Content {
            body,
            content_type: Some("application/x-www-form-urlencoded"),
            ..Default::default()
        });
        let mut lead = Lead::default();
        lead.insert("email", parse(FieldType::Email, "ann@example.com, bob@example.com"));
        let hashes = of_lead(ACCOUNT.parse().unwrap(), &lead, &input.unwrap());
        let mut expected = ["ann@example.com", "bob@example.com"].map(|text| of(FieldType::Email, text));
        expected.sort_unstable();
        assert_eq!(hashes, expected);
    }
}
