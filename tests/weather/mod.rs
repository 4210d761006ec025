//! What stands between the sandbox and a production tenant: bad answers, refused sign-ins, impatience.

mod doctor;
mod reads;
mod sign_in;
mod writes;
