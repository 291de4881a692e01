//! The field types, and the fields that every account can use.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The type of a field: how its text is parsed and when it is valid.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldType {
    Boolean,
    CreditScore,
    Currency,
    Date,
    Dob,
    Time,
    Email,
    Gender,
    Integer,
    Ip,
    List,
    Number,
    Phone,
    PostalCode,
    Range,
    Ssn,
    State,
    Street,
    #[default]
    String,
    Url,
    TrustedformUrl,
}

impl FieldType {
    pub const ALL: &[Self] = &[
        Self::Boolean,
        Self::CreditScore,
        Self::Currency,
        Self::Date,
        Self::Dob,
        Self::Time,
        Self::Email,
        Self::Gender,
        Self::Integer,
        Self::Ip,
        Self::List,
        Self::Number,
        Self::Phone,
        Self::PostalCode,
        Self::Range,
        Self::Ssn,
        Self::State,
        Self::Street,
        Self::String,
        Self::Url,
        Self::TrustedformUrl,
    ];

    /// The spelling in the API and the database.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Boolean => "boolean",
            Self::CreditScore => "credit_score",
            Self::Currency => "currency",
            Self::Date => "date",
            Self::Dob => "dob",
            Self::Time => "time",
            Self::Email => "email",
            Self::Gender => "gender",
            Self::Integer => "integer",
            Self::Ip => "ip",
            Self::List => "list",
            Self::Number => "number",
            Self::Phone => "phone",
            Self::PostalCode => "postal_code",
            Self::Range => "range",
            Self::Ssn => "ssn",
            Self::State => "state",
            Self::Street => "street",
            Self::String => "string",
            Self::Url => "url",
            Self::TrustedformUrl => "trustedform_url",
        }
    }
}

impl fmt::Display for FieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The text is not a field type.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotAFieldType;

impl fmt::Display for NotAFieldType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("this is not a field type")
    }
}

impl std::error::Error for NotAFieldType {}

impl FromStr for FieldType {
    type Err = NotAFieldType;

    fn from_str(text: &str) -> Result<Self, NotAFieldType> {
        Self::ALL.iter().copied().find(|kind| kind.as_str() == text).ok_or(NotAFieldType)
    }
}

/// A field that every account can use in its flows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct StandardField {
    /// The parameter name, unless a mapping renames the seller's own.
    pub name: &'static str,
    pub label: &'static str,
    #[serde(rename = "type")]
    pub field_type: FieldType,
    pub description: &'static str,
    pub examples: &'static [&'static str],
}

/// The standard field with that name.
pub fn standard_field(name: &str) -> Option<&'static StandardField> {
    STANDARD_FIELDS.iter().find(|field| field.name == name)
}

const fn field(
    name: &'static str,
    label: &'static str,
    field_type: FieldType,
    description: &'static str,
    examples: &'static [&'static str],
) -> StandardField {
    StandardField { name, label, field_type, description, examples }
}

/// All standard fields, in the order in which a flow lists them.
pub const STANDARD_FIELDS: &[StandardField] = &[
    field("first_name", "First Name", FieldType::String, "Given name of the person", &["Maria", "Sean"]),
    field("last_name", "Last Name", FieldType::String, "Family name of the person", &["Garcia", "O'Neill"]),
    field("email", "Email", FieldType::Email, "Email address of the person", &["maria@example.com"]),
    field("phone_1", "Phone 1", FieldType::Phone, "Best number to call", &["(512) 555-0142", "5125550142"]),
    field("phone_2", "Phone 2", FieldType::Phone, "Another number to call", &["512-555-0199"]),
    field("address_1", "Address 1", FieldType::Street, "Street and house number", &["1200 Barton Springs Rd"]),
    field("address_2", "Address 2", FieldType::Street, "Apartment, suite or floor", &["Apt 4B"]),
    field("city", "City", FieldType::String, "City or town", &["Austin"]),
    field("state", "State", FieldType::State, "State or province, as two letters or by name", &["TX", "Texas"]),
    field("postal_code", "Postal Code", FieldType::PostalCode, "ZIP or postal code", &["78704", "K1A 0B1"]),
    field("country", "Country", FieldType::String, "Country of the address", &["US"]),
    field("dob", "Date of Birth", FieldType::Dob, "Day the person was born", &["1984-07-21", "7/21/1984"]),
    field("age", "Age", FieldType::Number, "Age in full years", &["41"]),
    field("gender", "Gender", FieldType::Gender, "Gender of the person", &["female", "male", "other"]),
    field("ip_address", "IP Address", FieldType::Ip, "IP address the form was sent from", &["203.0.113.7"]),
    field("company_name", "Company Name", FieldType::String, "Company the person works for", &["Barton Bakery"]),
    field("job_title", "Job Title", FieldType::String, "The person's job", &["Owner"]),
    field("website", "Website", FieldType::Url, "Website of the person or company", &["https://example.com"]),
    field("comments", "Comments", FieldType::String, "What the person wrote in the form", &["Please call after 5 pm"]),
    field("best_time_to_call", "Best Time to Call", FieldType::String, "When the person prefers a call", &["evening"]),
    field("loan_amount", "Loan Amount", FieldType::Range, "Amount asked for, in dollars", &["250000", "200000-250000"]),
    field("loan_purpose", "Loan Purpose", FieldType::String, "What the loan is for", &["refinance"]),
    field("income", "Income", FieldType::Range, "Yearly income before tax, in dollars", &["85000", "75000+"]),
    field("homeowner", "Homeowner", FieldType::Boolean, "Whether the person owns a home", &["true", "false"]),
    field("home_value", "Home Value", FieldType::Range, "Estimated value of the home, in dollars", &["400000-500000"]),
    field(
        "credit_rating",
        "Credit Rating",
        FieldType::CreditScore,
        "The person's own estimate of their credit",
        &["good", "720", "670-739"],
    ),
    field("insured", "Insured", FieldType::Boolean, "Whether the person is insured now", &["true", "false"]),
    field(
        "consent_at",
        "Consent Given At",
        FieldType::Time,
        "When the person agreed to be called",
        &["2026-03-04T15:26:00Z"],
    ),
    field("landing_page_url", "Landing Page URL", FieldType::Url, "Page with the form", &["https://example.com/quote"]),
    field("referrer_url", "Referrer URL", FieldType::Url, "Page that led to the form", &["https://example.org/"]),
    field("campaign", "Campaign", FieldType::String, "Campaign the lead came from", &["spring-solar"]),
    field(
        "trustedform_cert_url",
        "TrustedForm Certificate URL",
        FieldType::TrustedformUrl,
        "Certificate of the visit in which the form was filled in",
        &["https://cert.trustedform.com/2605ec3a321e1b3a41addf0bba1213505ef57985"],
    ),
    field("ssn", "Social Security Number", FieldType::Ssn, "Checked by rules, then removed", &["123-45-6789"]),
];

#[cfg(test)]
mod tests {
    use super::{super::check, *};
    use std::collections::BTreeSet;

    #[test]
    fn every_type_round_trips() {
        for kind in FieldType::ALL {
            assert_eq!(kind.as_str().parse(), Ok(*kind));
            assert_eq!(serde_json::to_string(kind).unwrap(), format!("\"{kind}\""));
        }
        assert!("text".parse::<FieldType>().is_err());
    }

    #[test]
    fn standard_fields_have_unique_plain_names() {
        let names: BTreeSet<_> = STANDARD_FIELDS.iter().map(|field| field.name).collect();
        assert_eq!(names.len(), STANDARD_FIELDS.len());
        for field in STANDARD_FIELDS {
            assert!(check::is_plain_name(field.name) && !check::is_reserved_name(field.name), "{}", field.name);
            assert!(!field.examples.is_empty() && !field.description.ends_with('.'), "{}", field.name);
        }
        assert_eq!(standard_field("state").map(|field| field.field_type), Some(FieldType::State));
        assert_eq!(standard_field("zodiac"), None);
    }
}
