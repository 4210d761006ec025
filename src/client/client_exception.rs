//! Parses the admin centre's errors: the `ClientException` that others recorded (facts 2026-11 F).

use serde_json::Value;

/// Returns the code and the most telling words of a `ClientException`; `None` where an error is no such thing. Foreign
/// text.
pub(super) fn code_and_message(error: &Value) -> Option<(Option<&str>, Option<&str>)> {
    let data = error.get("ClientData")?;
    let results = data.get("operationResults").and_then(Value::as_array);
    let result = results.into_iter().flatten().find_map(|result| text(result.get("details")));
    // `Message` often says no more than "One or more errors occurred."
    let message = text(data.pointer("/localizedErrorDetails/errorDetail")).or(result);
    Some((text(data.get("errorCode")), message.or(text(error.get("Message")))))
}

fn text(value: Option<&Value>) -> Option<&str> {
    value.and_then(Value::as_str).filter(|text| !text.trim().is_empty())
}
