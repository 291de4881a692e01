//! [both] How an island calls a server function: JSON both ways, with the browser's own `fetch`.

use super::{AppError, Problem};
use http::Method;
use js_sys::futures::JsFuture;
use leptos::{
    server_fn::{Http, Protocol, client::Client, codec::Json, server::Server},
    wasm_bindgen::{JsCast, JsValue},
};
use send_wrapper::SendWrapper;
use serde::{Serialize, de::DeserializeOwned};
use std::pin::Pin;
use web_sys::{Headers, RequestInit, Response};

/// The protocol of our server functions. On the server it is that of the framework; in the browser it is a small part
/// of it, because the framework's client has streams, redirects and other formats, which every page would load.
pub struct Fetch;

impl<Input, Output, C, S> Protocol<Input, Output, C, S, AppError> for Fetch
where
    Http<Json, Json>: Protocol<Input, Output, C, S, AppError>,
    C: Client<AppError>,
    S: Server<AppError>,
    Input: Serialize + Send,
    Output: DeserializeOwned + Send,
{
    const METHOD: Method = <Http<Json, Json> as Protocol<Input, Output, C, S, AppError>>::METHOD;

    async fn run_server<F, Fut>(request: S::Request, server_fn: F) -> Result<S::Response, AppError>
    where
        F: Fn(Input) -> Fut + Send,
        Fut: Future<Output = Result<Output, AppError>> + Send,
    {
        <Http<Json, Json> as Protocol<Input, Output, C, S, AppError>>::run_server(request, server_fn).await
    }

    async fn run_client(path: &str, input: Input) -> Result<Output, AppError> {
        let body = serde_json::to_string(&input).map_err(|_| AppError::Internal)?;
        let answer = post(path, &body).await?;
        serde_json::from_str(&answer).map_err(|_| Problem::RequestUnreadable.into())
    }
}

type Answer = Pin<Box<dyn Future<Output = Result<String, AppError>> + Send>>;

/// Boxed, so that all server functions share its code.
fn post(path: &str, body: &str) -> Answer {
    let sent = send(path, body);
    Box::pin(SendWrapper::new(async move {
        let response: Response = settled(sent).await?.unchecked_into();
        let text = settled(response.text()).await?.as_string().unwrap_or_default();
        if response.ok() {
            return Ok(text);
        }
        Err(serde_json::from_str(&text).unwrap_or(AppError::Internal))
    }))
}

fn send(path: &str, body: &str) -> Result<js_sys::Promise, JsValue> {
    let (options, headers) = (RequestInit::new(), Headers::new()?);
    headers.set("content-type", "application/json")?;
    headers.set("accept", "application/json")?;
    options.set_method("POST");
    options.set_headers(&headers);
    options.set_body(&JsValue::from_str(body));
    let window = web_sys::window().ok_or(JsValue::NULL)?;
    Ok(window.fetch_with_str_and_init(path, &options))
}

/// The value of a promise. Whatever stops it: the server cannot be reached.
async fn settled(promise: Result<js_sys::Promise, JsValue>) -> Result<JsValue, AppError> {
    let promise = promise.map_err(|_| AppError::Unavailable)?;
    JsFuture::from(promise).await.map_err(|_| AppError::Unavailable)
}
