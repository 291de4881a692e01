//! The kinds of changes: what senders post, and what they must see with and without the change.

/// Something that decides on leads and can change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    SourceOff,
    FlowOff,
    FlowArchived,
    SourceRemoved,
    SourceRule,
    FlowRule,
    Mapping,
    Field,
    Disconnected,
    CompanyRenamed,
    SourceRenamed,
    FlowRenamed,
    CredentialRotated,
    FormerCredentialEnded,
    ApiKeyRevoked,
    AuthenticationRequired,
    MovedToAnotherPartner,
    TimeZone,
}

/// What one state of a kind means for a lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Expected {
    /// Outcome and reason of a stored lead, or status and reason.
    pub answer: &'static str,
    /// What the stored lead keeps of the state; empty if none is stored.
    pub kept: &'static str,
}

const TAKEN: &str = "success";
const SOURCE_OFF: Expected = refused("403 source is not enabled");
const FLOW_OFF: Expected = refused("403 flow is not enabled");
const UNAUTHORIZED: Expected = refused("401 unauthorized source");

const fn stored(answer: &'static str, kept: &'static str) -> Expected {
    Expected { answer, kept }
}

const fn refused(answer: &'static str) -> Expected {
    Expected { answer, kept: "" }
}

impl Kind {
    pub const ALL: [Self; 18] = [
        Self::SourceOff,
        Self::FlowOff,
        Self::FlowArchived,
        Self::SourceRemoved,
        Self::SourceRule,
        Self::FlowRule,
        Self::Mapping,
        Self::Field,
        Self::Disconnected,
        Self::CompanyRenamed,
        Self::SourceRenamed,
        Self::FlowRenamed,
        Self::CredentialRotated,
        Self::FormerCredentialEnded,
        Self::ApiKeyRevoked,
        Self::AuthenticationRequired,
        Self::MovedToAnotherPartner,
        Self::TimeZone,
    ];

    /// How many states follow each other, unchanged and changed in turn. Some changes cannot be turned back, or not
    /// again within a minute.
    pub const fn states(self) -> usize {
        match self {
            Self::SourceRemoved => 2,
            Self::Disconnected => 3,
            _ => 5,
        }
    }

    pub const fn expected(self, changed: bool) -> Expected {
        match (self, changed) {
            (Self::SourceOff | Self::Disconnected, true) => SOURCE_OFF,
            (Self::FlowOff | Self::FlowArchived, true) => FLOW_OFF,
            (Self::SourceRemoved, true) => refused("404 Flow or source not found."),
            (Self::SourceRule | Self::FlowRule, false) => stored(TAKEN, "CA"),
            (Self::SourceRule | Self::FlowRule, true) => stored("failure: State is not equal to NV", "NV"),
            (Self::Mapping, false) => stored(TAKEN, "CA"),
            (Self::Mapping, true) => stored("failure: State is not equal to CA", "NV"),
            (Self::Field, false) => stored(TAKEN, "with postal code"),
            (Self::Field, true) => stored(TAKEN, "without"),
            (Self::CompanyRenamed | Self::SourceRenamed | Self::FlowRenamed, false) => stored(TAKEN, "Harbor"),
            (Self::CompanyRenamed | Self::SourceRenamed | Self::FlowRenamed, true) => stored(TAKEN, "New Harbor"),
            (
                Self::CredentialRotated
                | Self::FormerCredentialEnded
                | Self::ApiKeyRevoked
                | Self::AuthenticationRequired,
                true,
            ) => UNAUTHORIZED,
            (Self::TimeZone, false) => stored(TAKEN, "east"),
            (Self::TimeZone, true) => stored(TAKEN, "west"),
            (
                Self::SourceOff
                | Self::FlowOff
                | Self::FlowArchived
                | Self::SourceRemoved
                | Self::Disconnected
                | Self::CredentialRotated
                | Self::FormerCredentialEnded
                | Self::ApiKeyRevoked
                | Self::AuthenticationRequired
                | Self::MovedToAnotherPartner,
                _,
            ) => stored(TAKEN, "stored"),
        }
    }

    /// The form that senders post.
    pub const fn body(self) -> &'static [u8] {
        match self {
            Self::Mapping => b"first=CA&second=NV",
            Self::Field => b"state=CA&postal_code=90210",
            _ => b"state=CA",
        }
    }

    /// SQL for what a stored lead keeps of the state.
    pub const fn kept(self) -> &'static str {
        match self {
            Self::SourceRule => {
                "(select v.configuration #>> '{acceptance_criteria,rule_set,rules,0,rhv}' from source_versions v
                  where v.source_id = leads.source_id and v.version = leads.source_version)"
            }
            Self::FlowRule => {
                "(select v.configuration #>> '{acceptance_criteria,rule_set,rules,0,rhv}' from flow_versions v
                  where v.flow_id = leads.flow_id and v.version = leads.flow_version)"
            }
            Self::Mapping => "fields #>> '{state,value}'",
            Self::Field => "case when fields ? 'postal_code' then 'with postal code' else 'without' end",
            Self::CompanyRenamed | Self::SourceRenamed => "source_name",
            Self::FlowRenamed => "flow_name",
            Self::TimeZone => {
                "case day when (received_at at time zone 'Pacific/Kiritimati')::date then 'east'
                          when (received_at at time zone 'Pacific/Pago_Pago')::date then 'west' else day::text end"
            }
            _ => "'stored'",
        }
    }

    /// True if a connected company's system sends the leads.
    pub const fn has_seller(self) -> bool {
        matches!(self, Self::Disconnected | Self::CompanyRenamed | Self::ApiKeyRevoked)
    }
}
