//! Connections that do less than they should.

use super::{Attack, Manner, Raw, SUBMIT, TAIL, cookie};

fn post(length: usize) -> Raw {
    Raw::new("POST", &SUBMIT.path()).body("application/x-www-form-urlencoded", vec![b'z'; length])
}

fn chunked(chunk: &str, count: usize) -> Raw {
    let mut raw = Raw::new("POST", &SUBMIT.path())
        .header("Transfer-Encoding", "chunked")
        .header("Content-Type", "application/x-www-form-urlencoded");
    raw.body = format!("{:x}\r\n{chunk}\r\n", chunk.len()).repeat(count).into_bytes();
    raw.body.extend_from_slice(b"0\r\n\r\n");
    raw
}

pub fn attacks() -> Vec<Attack> {
    [slow(), odd()].into_iter().flatten().collect()
}

fn slow() -> Vec<Attack> {
    vec![
        Attack::new("half a head, 400 connections", |_| post(10), &[0, 408])
            .at_once(400, 400)
            .manner(Manner::Partly(30)),
        Attack::new("half a body, 400 connections", |_| post(100), &[0, 408])
            .at_once(400, 400)
            .manner(Manner::Partly(300)),
        Attack::new("half a large body, 400 connections", |_| post(1_000_000), &[0, 408, 503])
            .at_once(400, 400)
            .manner(Manner::Partly(200_000)),
        Attack::new("nothing at all, 4,200 connections", |_| post(1), &[0, 408])
            .at_once(4_200, 4_200)
            .manner(Manner::Partly(0)),
        Attack::new(
            "large responses that are not read, 50 connections",
            |_| Raw::new("GET", &format!("/flows/56{TAIL}/leads")).header("Cookie", &cookie()),
            &[200, 503],
        )
        .at_once(50, 50)
        .manner(Manner::Unread(5)),
    ]
}

fn odd() -> Vec<Attack> {
    vec![
        Attack::new(
            "a body that announces 2 GiB",
            |_| {
                let mut raw = post(10);
                raw.head = raw.head.replace("Content-Length: 10", "Content-Length: 2147483648");
                raw
            },
            &[413],
        ),
        Attack::new("two lengths", |_| post(10).header("Content-Length", "5"), &[400]),
        Attack::new("a length and chunks", |_| post(10).header("Transfer-Encoding", "chunked"), &[400, 408, 422]),
        Attack::new("3 MB in chunks", |_| chunked(&"x".repeat(1 << 16), 48), &[413]),
        Attack::new("a megabyte in chunks of one byte", |_| chunked("x", 1_000_000), &[201, 400, 413, 422]),
        Attack::new(
            "a header of 1 MB",
            |_| Raw::new("GET", "/signin").header("X-Long", &"x".repeat(1 << 20)),
            &[0, 431],
        ),
        Attack::new(
            "1,000 headers",
            |_| {
                let mut raw = Raw::new("GET", "/signin");
                raw.head.push_str(&"X-Many: x\r\n".repeat(1_000));
                raw
            },
            &[0, 431],
        ),
    ]
}
