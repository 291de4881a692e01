//! The words of deliveries.

use crate::base::text_enum::text_enum;

text_enum! {
    /// What a delivery does with new leads.
    DeliveryState {
        On = "on",
        /// Leads wait, for up to seven days.
        Paused = "paused",
        /// Leads are not queued.
        Off = "off",
        /// Shown only in the stories of its leads.
        Removed = "removed",
    }
}

impl DeliveryState {
    pub fn word(self) -> &'static str {
        match self {
            Self::On => "On",
            Self::Paused => "Paused",
            Self::Off => "Off",
            Self::Removed => "Removed",
        }
    }
}

text_enum! {
    /// The form of a request's body.
    Format {
        Json = "json",
        Form = "form",
        Xml = "xml",
    }
}

impl Format {
    pub fn word(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Form => "Form",
            Self::Xml => "XML",
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Json => "application/json",
            Self::Form => "application/x-www-form-urlencoded",
            Self::Xml => "application/xml; charset=utf-8",
        }
    }
}

text_enum! {
    /// How far a lead is on its way to one destination.
    Progress {
        Waiting = "waiting",
        Delivered = "delivered",
        /// It is not tried any longer.
        Failed = "failed",
        /// Its data was erased, or its delivery was removed.
        Canceled = "canceled",
    }
}

impl Progress {
    pub fn word(self) -> &'static str {
        match self {
            Self::Waiting => "Waiting",
            Self::Delivered => "Delivered",
            Self::Failed => "Failed",
            Self::Canceled => "Canceled",
        }
    }
}
