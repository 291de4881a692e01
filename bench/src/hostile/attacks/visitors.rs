//! Pages and forms that need no sign-in.

use super::{Attack, Raw, filled};

fn text(length: usize) -> String {
    "x".repeat(length)
}

pub fn attacks() -> Vec<Attack> {
    [signing_in(), links(), others()].into_iter().flatten().collect()
}

fn signing_in() -> Vec<Attack> {
    vec![
        Attack::new(
            "sign-up with 250 kB in each field",
            |_| {
                let long = text(250_000);
                Raw::new("POST", "/signup").form(format!("name={long}&company={long}&email={long}&password={long}"))
            },
            &[200, 413, 422, 429],
        ),
        Attack::new(
            "sign-in with a password of 1 MB",
            |number| {
                Raw::new("POST", "/signin")
                    .form(format!("email=a%40b.example&password={}", text(1_000_000)))
                    .from(number)
            },
            &[200, 401, 413, 422, 429],
        ),
        Attack::new(
            "200 sign-ins, 50 at once",
            |number| {
                Raw::new("POST", "/signin")
                    .form(format!("email=u{number}%40b.example&password=wrong+{number}"))
                    .from(number)
            },
            &[401, 422, 429, 503],
        )
        .at_once(200, 50),
        Attack::new(
            "sign-in with an address of 500,000 é",
            |_| Raw::new("POST", "/signin").form(format!("email={}&password=x", "%C3%A9".repeat(160_000))),
            &[200, 401, 413, 422, 429],
        ),
        Attack::new(
            "sign-in with 200,000 fields",
            |_| Raw::new("POST", "/signin").form(filled("email=a", "&a=1", "")),
            &[200, 400, 401, 413, 422, 429],
        ),
    ]
}

fn links() -> Vec<Attack> {
    vec![
        Attack::new(
            "unknown invitation links, 64 at once",
            |number| Raw::new("GET", &format!("/i/{:0>42}A", number)).from(9),
            &[200, 404, 410, 429],
        )
        .at_once(10_000, 64),
        Attack::new(
            "unknown stop links",
            |number| Raw::new("GET", &format!("/stop/{:0>42}A", number)).from(9),
            &[200, 404, 410, 429],
        ),
        Attack::new(
            "a link of 50 kB",
            |_| Raw::new("GET", &format!("/i/{}", text(50_000))),
            &[400, 404, 410, 414, 429, 431],
        ),
        Attack::new("a path of 25,000 ..", |_| Raw::new("GET", &"/..".repeat(16_000)), &[303, 400, 404, 414, 431]),
        Attack::new(
            "a path of escapes",
            |_| Raw::new("GET", &format!("/{}", "%00".repeat(16_000))),
            &[400, 404, 414, 431],
        ),
        Attack::new(
            "a cookie of 50 kB",
            |_| Raw::new("GET", "/signin").header("Cookie", &format!("accord={}", text(50_000))),
            &[200, 400, 431],
        ),
        Attack::new(
            "5,000 cookies",
            |_| Raw::new("GET", "/signin").header("Cookie", &"accord=1;".repeat(5_000)),
            &[200, 400, 431],
        ),
        Attack::new(
            "Range and languages of 40 kB",
            |_| Raw::new("GET", "/favicon.svg").header("Range", &format!("bytes={}", "0-,".repeat(12_000))),
            &[200, 206, 400, 404, 416, 431],
        ),
    ]
}

fn others() -> Vec<Attack> {
    vec![
        Attack::new(
            "another host",
            |_| {
                let mut raw = Raw::new("GET", "/signin");
                raw.head = raw.head.replace("Host: ", "Host: evil.example:");
                raw
            },
            &[400, 421],
        ),
        Attack::new(
            "server function with brackets",
            |_| {
                Raw::new("POST", "/fn/invitations/send")
                    .header("Sec-Fetch-Site", "same-origin")
                    .body("application/json", vec![b'['; 1 << 20])
            },
            &[400, 401, 404, 413, 422],
        ),
        Attack::new(
            "server function with a list of 500,000",
            |_| {
                Raw::new("POST", "/fn/flows/sources/switch")
                    .header("Sec-Fetch-Site", "same-origin")
                    .body("application/json", filled("{\"a\":[0", ",0", "]}"))
            },
            &[400, 401, 404, 413, 422],
        ),
        Attack::new(
            "API without a key, 1 MB",
            |_| Raw::new("POST", "/api/v1/flows").body("application/json", filled("{\"a\":[0", ",0", "]}")),
            &[401],
        ),
        Attack::new(
            "methods nobody has",
            |number| {
                let method = ["TRACE", "PROPFIND", "CONNECT", "BREW"][number as usize % 4];
                Raw::new(method, "/signin")
            },
            &[400, 403, 404, 405, 421],
        ),
    ]
}
