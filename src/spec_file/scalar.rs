//! Reads unquoted scalars by YAML 1.2's core schema, as editors do: `yes`, `1_000` and `1:30` are text.
//! <https://yaml.org/spec/1.2.2/#103-core-schema>

use super::yaml::Kind;

/// Returns what a plain scalar is.
pub(super) fn plain(text: &str) -> Kind {
    match text {
        "" | "~" | "null" | "Null" | "NULL" => Kind::Null,
        "true" | "True" | "TRUE" => Kind::Bool(true),
        "false" | "False" | "FALSE" => Kind::Bool(false),
        _ => number(text).unwrap_or_else(|| Kind::Text(text.to_owned())),
    }
}

fn number(text: &str) -> Option<Kind> {
    for (prefix, radix) in [("0o", 8), ("0x", 16)] {
        if let Some(digits) = text.strip_prefix(prefix)
            && !digits.is_empty()
            && digits.chars().all(|c| c.is_digit(radix))
        {
            return Some(
                i128::from_str_radix(digits, radix).map_or(Kind::Decimal(f64::INFINITY), Kind::Integer),
            );
        }
    }
    let unsigned = text.strip_prefix(['-', '+']).unwrap_or(text);
    if is_digits(unsigned) {
        return Some(text.parse().map_or(Kind::Decimal(f64::INFINITY), Kind::Integer));
    }
    match unsigned {
        ".inf" | ".Inf" | ".INF" => Some(Kind::Decimal(f64::INFINITY)),
        ".nan" | ".NaN" | ".NAN" if unsigned == text => Some(Kind::Decimal(f64::NAN)),
        _ => is_decimal(unsigned).then(|| Kind::Decimal(text.parse().unwrap_or(f64::NAN))),
    }
}

/// `1.5`, `.5`, `1.`, `1e2`, `1.5E-2`, without a sign.
fn is_decimal(text: &str) -> bool {
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, Some(exponent)),
        None => (text, None),
    };
    let is_exponent = exponent.is_none_or(|e| is_digits(e.strip_prefix(['-', '+']).unwrap_or(e)));
    let is_mantissa = match mantissa.split_once('.') {
        Some(("", after)) => is_digits(after),
        Some((before, after)) => is_digits(before) && (after.is_empty() || is_digits(after)),
        None => is_digits(mantissa),
    };
    is_exponent && is_mantissa
}

fn is_digits(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}
