//! What a customer's program or a signed-in person can send. They are not strangers, but their mistakes must not hurt
//! anyone either. Saves and exports may take longer.

use super::{Attack, Raw, TAIL, cookie, filled};

/// `API:accord_hostile`
const KEY: &str = "Basic QVBJOmFjY29yZF9ob3N0aWxl";

fn api(method: &str, path: &str) -> Raw {
    Raw::new(method, path).header("Authorization", KEY)
}

fn api_json(method: &str, path: &str, body: Vec<u8>) -> Raw {
    api(method, path).body("application/json", body)
}

fn page(path: &str) -> Raw {
    Raw::new("GET", path).header("Accept", "text/html").header("Cookie", &cookie())
}

/// Criteria with this many rules of a pattern that is expensive to compile.
fn rules(count: usize) -> Vec<u8> {
    let rule = r#"{"lhv":"lead.city","op":"matches pattern","rhv":"/\\w{90}/"}"#;
    let all = vec![rule; count].join(",");
    format!(r#"{{"name":"Flow 55","acceptance_criteria":{{"rule_set":{{"op":"and","rules":[{all}]}}}}}}"#).into_bytes()
}

fn flow(number: &str) -> String {
    format!("/api/v1/flows/{number}{TAIL}")
}

const REFUSED: &[u16] = &[400, 405, 413, 422];

pub fn attacks() -> Vec<Attack> {
    [writing(), reading()].into_iter().flatten().collect()
}

fn writing() -> Vec<Attack> {
    vec![
        Attack::new(
            "API: a name of 500 kB over 200,000 items",
            |_| {
                let body = format!("{{\"{}\":[0{}]}}", "n".repeat(500_000), ",0".repeat(250_000));
                api_json("POST", "/api/v1/flows", body.into_bytes())
            },
            REFUSED,
        ),
        Attack::new("API: a million brackets", |_| api_json("POST", "/api/v1/flows", vec![b'['; 1 << 20]), REFUSED),
        Attack::new(
            "API: 200,000 unknown fields",
            |_| api_json("POST", "/api/v1/flows", filled("{\"name\":\"x\",\"fields\":[\"a\"", ",\"b\"", "]}")),
            REFUSED,
        ),
        Attack::new(
            "API: 70,000 unknown properties",
            |_| {
                let names: Vec<String> = (0..70_000).map(|name| format!("\"p{name}\":1")).collect();
                api_json("POST", "/api/v1/flows", format!("{{{}}}", names.join(",")).into_bytes())
            },
            REFUSED,
        ),
        Attack::new(
            "API: 9,000 rules with an expensive pattern",
            |_| api_json("PUT", &flow("55"), rules(9_000)),
            REFUSED,
        ),
        Attack::new(
            "API: 50 rules with an expensive pattern",
            |_| api_json("PUT", &flow("55"), rules(50)),
            &[200, 400, 405, 409, 422, 428],
        )
        .allowance(4.0),
    ]
}

fn reading() -> Vec<Attack> {
    vec![
        Attack::new("API: 200 leads of a megabyte", |_| api("GET", "/api/v1/leads?limit=200"), &[200]),
        Attack::new(
            "API: 200 leads of a megabyte, 16 at once",
            |_| api("GET", "/api/v1/leads?limit=200").from(8),
            &[200, 503],
        )
        .at_once(160, 16),
        Attack::new("API: the activity", |_| api("GET", "/api/v1/activity?limit=200"), &[200, 404]),
        Attack::new(
            "API: odd queries",
            |number| {
                let odd = ["limit=-1", "after=%00", "limit=99999999999999999999", "after=%ff"][number as usize % 4];
                api("GET", &format!("/api/v1/flows?{odd}"))
            },
            &[400, 404, 422],
        ),
        Attack::new("page: leads of a megabyte", |_| page(&format!("/flows/56{TAIL}/leads")), &[200]),
        Attack::new("page: a search for NUL", |_| page("/partners?search=%00"), &[200, 400, 422]),
        Attack::new(
            "page: a search of 40 kB",
            |_| page(&format!("/partners?search={}", "%25".repeat(13_000))),
            &[200, 400, 414, 422, 431],
        ),
        Attack::new(
            "export: 100 leads of a megabyte",
            |_| {
                let form = format!("form=export&as=51{TAIL}");
                Raw::new("POST", &format!("/partners/59{TAIL}/leads.csv")).header("Cookie", &cookie()).form(form)
            },
            &[200, 404, 409, 422, 429],
        )
        .grows(),
        Attack::new("event streams of one person", |_| page(&format!("/live?flow=55{TAIL}")), &[0, 1, 200, 429])
            .at_once(60, 60)
            .manner(super::Manner::Partly(usize::MAX)),
    ]
}
