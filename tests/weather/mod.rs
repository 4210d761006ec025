//! What stands between the sandbox and a production tenant: bad answers, refused sign-ins, impatience.

mod sign_in;
