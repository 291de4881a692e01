//! Multipart forms and compressed bodies.

use super::super::*;
use flate2::{Compression, read};
use std::io::Read;

const TYPE: &str = "multipart/form-data; boundary=XX";

fn part(head: &str, content: &[u8]) -> Vec<u8> {
    [format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n").as_bytes(), content, b"\r\n"].concat()
}

fn form(parts: &[Vec<u8>]) -> Vec<u8> {
    [parts.concat(), b"--XX--\r\n".to_vec()].concat()
}

#[test]
fn text_parts_are_fields_and_files_are_kept_by_name() {
    let body = form(&[
        part("name=\"state\"", b"TX"),
        part("name=\"tags[]\"", b"a"),
        part("name=\"tags[]\"", b"b\r\nc"),
        part("name=\"none\"; filename=\"\"\r\nContent-Type: application/octet-stream", b""),
        part("name=\"cv\"; filename=\"my cv.pdf\"\r\nContent-Type: application/pdf", b"%PDF \x00\xff secret"),
        part("name=\"the %22x%22\"", b"1"),
        part("name=plain", b""),
        part("filename=\"lost.txt\"", b"x"),
    ]);
    let expected = json!({
        "state": "TX", "tags": ["a", "b\r\nc"], "cv": "my cv.pdf", "the \"x\"": "1", "plain": "",
    });
    assert_eq!(read(TYPE, &body), Ok(expected.clone()));
    assert_eq!(read("Multipart/Form-Data; boundary=\"XX\"", &body), Ok(expected.clone()));
    // A sender who sets the type by hand forgets the boundary.
    assert_eq!(read("multipart/form-data", &body), Ok(expected));
    assert_eq!(read(TYPE, "--XX--\r\n"), Ok(json!({})));
}

#[test]
fn parts_are_read_in_their_charset() {
    let named =
        |charset: &str| part(&format!("name=\"a\"\r\nContent-Type: text/plain; charset={charset}"), b"M\xfcller");
    let plain = || part("name=\"a\"", b"M\xfcller");
    let name = [b"--XX\r\nContent-Disposition: form-data; name=\"Stra\xdfe\"\r\n\r\nM\xfcller\r\n".to_vec()];
    for (parts, name) in [
        (vec![named("iso-8859-1")], "a"),
        (vec![plain()], "a"),
        (vec![part("name=\"_charset_\"", b"windows-1252"), plain()], "a"),
        (name.to_vec(), "Straße"),
    ] {
        assert_eq!(read(TYPE, form(&parts)).unwrap()[name], json!("Müller"), "{name}");
    }
    assert_eq!(rejected(TYPE, form(&[named("x-none")])), UnknownCharset("x-none".into()));
}

#[test]
fn line_ends_can_be_bare() {
    let body = "--XX\nContent-Disposition: form-data; name=\"a\"\n\nx\ny\n--XX--\n";
    assert_eq!(read(TYPE, body), Ok(json!({"a": "x\ny"})));
}

#[test]
fn a_broken_form_is_unreadable() {
    for body in ["a=1", "--YY\r\n\r\n\r\n--YY--", "--XX\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\nx", "--XX"]
    {
        let problem = rejected(TYPE, body);
        assert_eq!(problem.sentence(), "The body is not well-formed multipart/form-data.", "{body}");
    }
    assert!(matches!(rejected("multipart/form-data", "x"), Unreadable { .. }));
    let many: Vec<_> = (0..1_001).map(|index| part(&format!("name=\"f{index}\""), b"")).collect();
    assert_eq!(rejected(TYPE, form(&many)), TooManyFields);
}

fn compressed(reader: &mut dyn Read) -> Vec<u8> {
    let mut bytes = Vec::new();
    reader.read_to_end(&mut bytes).unwrap();
    bytes
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    compressed(&mut read::GzEncoder::new(bytes, Compression::default()))
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    compressed(&mut read::ZlibEncoder::new(bytes, Compression::default()))
}

fn encoded(encoding: &str, body: &[u8]) -> Result<Value, InputProblem> {
    let content = Content { content_type: Some(JSON), content_encoding: Some(encoding), body, query: None };
    Input::read(content).map(|input| stored(&input))
}

/// `{"a":1}` as `brotli` writes it.
const BROTLI: &[u8] = &[0x0b, 0x03, 0x80, 0x7b, 0x22, 0x61, 0x22, 0x3a, 0x31, 0x7d, 0x03];

#[test]
fn compressed_bodies_are_read() {
    let body = b"{\"a\":1}";
    let raw = compressed(&mut read::DeflateEncoder::new(&body[..], Compression::default()));
    for (encoding, bytes) in [
        ("gzip", gzip(body)),
        ("X-GZIP", gzip(body)),
        ("deflate", zlib(body)),
        ("deflate", raw),
        ("br", BROTLI.to_vec()),
        ("identity", body.to_vec()),
        ("", body.to_vec()),
        ("gzip, identity", gzip(body)),
        ("deflate, gzip", gzip(&zlib(body))),
        ("gzip, deflate, gzip", gzip(&zlib(&gzip(body)))),
        ("gzip", [gzip(b"{\"a\":"), gzip(b"1}")].concat()),
    ] {
        assert_eq!(encoded(encoding, &bytes), Ok(json!({"a": "1"})), "{encoding}");
    }
    for encoding in ["compress", "zstd", "gzip, zstd", "gzip,gzip,gzip,gzip"] {
        let problem = encoded(encoding, body).unwrap_err();
        assert_eq!(problem.status(), 415, "{encoding}: {problem}");
    }
    for encoding in ["gzip", "deflate", "br"] {
        assert_eq!(encoded(encoding, body), Err(NotDecodable(encoding.into())), "{encoding}");
    }
    let whole = gzip(body);
    assert_eq!(encoded("gzip", &whole[..whole.len() - 9]), Err(NotDecodable("gzip".into())));
}

#[test]
fn a_small_body_cannot_cost_much_time() {
    // Blocks without content, which take a decoder longer than their size suggests.
    let blocks = |count: usize| [[0x02, 0x08, 0x20, 0x80, 0x00].repeat(count), vec![0x03, 0x00]].concat();
    let (few, many) = (blocks(1_000), blocks(200_000));
    assert_eq!(encoded("deflate", &many), Ok(json!({})));
    assert_eq!(encoded("deflate, gzip", &gzip(&few)), Ok(json!({})));
    for (encoding, body) in [
        ("deflate, gzip", gzip(&many)),
        ("deflate, gzip, gzip", gzip(&gzip(&many))),
        ("deflate, deflate, deflate", zlib(&zlib(&many))),
        ("gzip, gzip", gzip(&gzip(b"").repeat(50_000))),
    ] {
        assert_eq!(encoded(encoding, &body), Err(BodyTooLarge), "{encoding}");
    }
    let parts = |count: usize| [gzip(b"{\"a\":1}"), gzip(b"").repeat(count - 1)].concat();
    assert_eq!(encoded("gzip", &parts(32)), Ok(json!({"a": "1"})));
    assert_eq!(encoded("gzip", &parts(33)), Err(NotDecodable("gzip".into())));
    // What does not get smaller can be compressed twice.
    let noise: String = (0..100_000_u32).map(|n| format!("{:x}", n.wrapping_mul(2_654_435_761) >> 12)).collect();
    let body = format!("{{\"a\":1}}{}", " ".repeat(10));
    let large = format!(
        "{{{}\"a\":\"1\"}}",
        (0..9).map(|n| format!("\"{n}\":\"{}\",", &noise[n * 50_000..][..50_000])).collect::<String>()
    );
    for body in [body, large] {
        assert_eq!(encoded("gzip, gzip", &gzip(&gzip(body.as_bytes()))).unwrap()["a"], json!("1"));
    }
}

#[test]
fn the_limit_counts_decoded_bytes() {
    let padded = |size: usize| [b"{\"a\":1}".to_vec(), vec![b' '; size - 7]].concat();
    assert_eq!(encoded("gzip", &gzip(&padded(MAX_BODY))), Ok(json!({"a": "1"})));
    let bomb = gzip(&vec![b' '; 50 << 20]);
    for (encoding, bytes) in
        [("gzip", gzip(&padded(MAX_BODY + 1))), ("gzip", bomb.clone()), ("gzip, gzip", gzip(&bomb))]
    {
        assert_eq!(encoded(encoding, &bytes), Err(BodyTooLarge));
    }
}
