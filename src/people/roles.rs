//! Directory roles: which put a user under Microsoft's two-gate policy, and who holds any (facts 3.4).

use std::collections::HashMap;

use uuid::Uuid;

use crate::ids::UserId;

/// One role someone holds or can activate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HeldRole {
    /// Template id of the role.
    pub role: Uuid,
    /// Whether it has to be activated first. Whether such a role counts is not documented (facts 6.7).
    pub is_eligible: bool,
    /// The role-assignable group it is held through; foreign text.
    pub through: Option<String>,
}

impl HeldRole {
    /// Returns whether Microsoft's list has the role.
    pub fn is_two_gate(&self) -> bool {
        two_gate_role(self.role).is_some()
    }

    /// Returns the role's name, or its id where it is none this tool knows.
    pub fn name(&self) -> String {
        let mut name = role_name(self.role).map_or_else(|| self.role.to_string(), str::to_owned);
        if let Some(group) = &self.through {
            name.push_str(&format!(" (through {group})"));
        }
        if self.is_eligible {
            name.push_str(" (eligible)");
        }
        name
    }
}

/// Who holds which role, group members included.
#[derive(Clone, Debug, Default)]
pub struct RoleIndex {
    held: HashMap<UserId, Vec<HeldRole>>,
    /// Whether active assignments were readable.
    pub is_active_known: bool,
    /// Whether eligible assignments were readable; they need Entra ID P2.
    pub is_eligible_known: bool,
}

impl RoleIndex {
    /// Notes a role of a user.
    pub fn insert(&mut self, user: UserId, role: HeldRole) {
        let held = self.held.entry(user).or_default();
        if !held.contains(&role) {
            held.push(role);
        }
    }

    /// Returns the roles of a user.
    pub fn of(&self, user: UserId) -> &[HeldRole] {
        self.held.get(&user).map_or(&[], Vec::as_slice)
    }

    /// Returns everyone who holds or can activate a role, sorted by id.
    pub fn holders(&self) -> Vec<UserId> {
        let mut holders: Vec<UserId> = self.held.keys().copied().collect();
        holders.sort();
        holders
    }

    /// Returns whether the user holds a role under the two-gate policy now; `None` is unknown.
    pub fn is_administrator(&self, user: UserId) -> Option<bool> {
        let is_one = self.of(user).iter().any(|held| held.is_two_gate() && !held.is_eligible);
        if is_one { Some(true) } else { self.is_active_known.then_some(false) }
    }
}

/// Returns the name of a role this tool knows.
pub fn role_name(role: Uuid) -> Option<&'static str> {
    two_gate_role(role).or_else(|| other_role(role))
}

/// Returns the name of a role on Microsoft's two-gate list.
pub fn two_gate_role(role: Uuid) -> Option<&'static str> {
    TWO_GATE_ROLES.iter().find(|(id, _)| *id == role.as_u128()).map(|(_, name)| *name)
}

/// Privileged roles the list leaves out; how they are treated is undocumented (facts 3.4).
fn other_role(role: Uuid) -> Option<&'static str> {
    Some(match role.as_u128() {
        0x4a5d8f65_41da_4de4_8968_e035b65339cf => "Reports Reader",
        0x5d6b6bb7_de71_4623_b4af_96380a352509 => "Security Reader",
        0xf2ef992c_3afb_46b9_b7cf_a126ee74c451 => "Global Reader",
        0x158c047a_c907_4556_b7ef_446551a6b5f7 => "Cloud Application Administrator",
        _ => return None,
    })
}

/// The roles that put their holder under the two-gate policy: template id and name (facts 3.4; five of the
/// listed names have no id and cannot be held any more).
pub const TWO_GATE_ROLES: &[(u128, &str)] = &[
    (0x9b895d92_2cd3_44c7_9d02_a6ac2d5ea5c3, "Application Administrator"),
    (0xc430b396_e693_46cc_96f3_db01bf8bb62a, "Attack Simulation Administrator"),
    (0x58a13ea3_c632_46ae_9ee0_9c0d43cd7f3d, "Attribute Assignment Administrator"),
    (0x8424c6f0_a189_499e_bbd0_26c1753c96d4, "Attribute Definition Administrator"),
    (0x5b784334_f94b_471a_a387_e7219fc49ca2, "Attribute Log Administrator"),
    (0xc4e39bd9_1100_46d3_8c65_fb160da0071f, "Authentication Administrator"),
    (0x25a516ed_2fa0_40ea_a2d0_12923a21473a, "Authentication Extensibility Administrator"),
    (0x0526716b_113d_4c15_b2c8_68e3c22b9f80, "Authentication Policy Administrator"),
    (0xe3973bdf_4987_49ae_837a_ba8e231c7286, "Azure DevOps Administrator"),
    (0x7495fdc4_34c4_4d15_a289_98788ce399fd, "Azure Information Protection Administrator"),
    (0xaaf43236_0c0d_4d5f_883a_6955382ac081, "B2C IEF Keyset Administrator"),
    (0x3edaf663_341e_4475_9f94_5c398ef6c070, "B2C IEF Policy Administrator"),
    (0xb0f54661_2d74_4c50_afa3_1ec803f12efe, "Billing Administrator"),
    (0x892c5842_a9a6_463a_8041_72aa08ca3cf6, "Cloud App Security Administrator"),
    (0x7698a772_787b_4ac8_901f_60d6b08affd2, "Cloud Device Administrator"),
    (0x17315797_102d_40b4_93e0_432062caca18, "Compliance Administrator"),
    (0xe6d1a23a_da11_4be4_9570_befc86d067a7, "Compliance Data Administrator"),
    (0xb1be1c3e_b65d_4f19_8427_f6fa0d97feb9, "Conditional Access Administrator"),
    (0x5c4f9dcd_47dc_4cf7_8c9a_9e4207cbfc91, "Customer LockBox Access Approver"),
    (0x38a96431_2bdf_4b4c_8b6e_5d3d8abac1a4, "Desktop Analytics Administrator"),
    (0x9f06204d_73c1_4d4c_880a_6edb90606fd8, "Microsoft Entra Joined Device Local Administrator"),
    (0xd29b2b05_8046_44ba_8758_1e26182fcf32, "Directory Synchronization Accounts"),
    (0x9360feb5_f418_4baa_8175_e2a00bac4301, "Directory Writers"),
    (0x8329153b_31d0_4727_b945_745eb3bc5f31, "Domain Name Administrator"),
    (0x44367163_eba1_44c3_98af_f5787879f96a, "Dynamics 365 Administrator"),
    (0x963797fb_eb3b_4cde_8ce3_5878b3f32a3f, "Dynamics 365 Business Central Administrator"),
    (0x3f1acade_1e04_4fbc_9b69_f0302cd84aef, "Edge Administrator"),
    (0x29232cdf_9323_42fd_ade2_1d097af3e4de, "Exchange Administrator"),
    (0x31392ffb_586c_42d1_9346_e59415a2cc4e, "Exchange Recipient Administrator"),
    (0x6e591065_9bad_43ed_90f3_e9424366d2f0, "External ID User Flow Administrator"),
    (0x0f971eea_41eb_4569_a71e_57bb8a3eff1e, "External ID User Flow Attribute Administrator"),
    (0xbe2f45a1_457d_42af_a067_6ec1fa63bc45, "External Identity Provider Administrator"),
    (0x62e90394_69f5_4237_9190_012177145e10, "Global Administrator"),
    (0xac434307_12b9_4fa1_a708_88bf58caabc1, "Global Secure Access Administrator"),
    (0xfdd7a751_b60b_444a_984c_02652fe8fa1c, "Groups Administrator"),
    (0x729827e3_9c14_49f7_bb1b_9608f156bbb8, "Helpdesk Administrator"),
    (0x8ac3fc64_6eca_42ea_9e69_59f4c7b60eb2, "Hybrid Identity Administrator"),
    (0x45d8d3c5_c802_45c6_b32a_1d70b5e1e86e, "Identity Governance Administrator"),
    (0xeb1f4a8d_243a_41f0_9fbd_c7cdf6c5ef7c, "Insights Administrator"),
    (0x3a2c62db_5318_420d_8d74_23affee5d9d5, "Intune Administrator"),
    (0xb5a8dcf3_09d5_43a9_a639_8e29ef291470, "Knowledge Administrator"),
    (0x4d6ac14f_3453_41d0_bef9_a3e0c569773a, "License Administrator"),
    (0x59d46f88_662b_457b_bceb_5c3809e5908f, "Lifecycle Workflows Administrator"),
    (0x1501b917_7653_4ff9_a4b5_203eaf33784f, "Microsoft Hardware Warranty Administrator"),
    (0x8c8b803f_96e1_4129_9349_20738d9f9652, "Microsoft365 Migration Administrator"),
    (0xd37c8bed_0711_4417_ba38_b4abe66ce4c2, "Network Administrator"),
    (0x2b745bdf_0803_4d80_aa65_822c4493daac, "Office Apps Administrator"),
    (0x92ed04bf_c94a_4b82_9729_b799a7a4c178, "Organizational Branding Administrator"),
    (0x4ba39ca4_527c_499a_b93d_d9b492c50246, "Partner Tier1 Support"),
    (0xe00e864a_17c5_4a4b_9c06_f5b95a8d5bd8, "Partner Tier2 Support"),
    (0x966707d0_3269_4727_9be2_8c3a10f19b9d, "Password Administrator"),
    (0xaf78dc32_cf4d_46f9_ba4e_4428526346b5, "Permissions Management Administrator"),
    (0xa9ea8996_122f_4c74_9520_8edcd192826c, "Fabric Administrator"),
    (0x11648597_926c_4cf3_9c36_bcebb0ba8dcc, "Power Platform Administrator"),
    (0x644ef478_e28f_4e28_b9dc_3fdde9aa0b1f, "Printer Administrator"),
    (0x7be44c8a_adaf_4e2a_84d6_ab2649e08a13, "Privileged Authentication Administrator"),
    (0xe8611ab8_c189_46e8_94e1_60213ab1f814, "Privileged Role Administrator"),
    (0x0964bb5e_9bdb_4d7b_ac29_58e794862a40, "Search Administrator"),
    (0x194ae4cb_b126_40b2_bd5b_6091b380977d, "Security Administrator"),
    (0xf023fd81_a637_4b56_95fd_791ac0226033, "Service Support Administrator"),
    (0xf28a1f50_f6e7_4571_818b_6a12f2af6b6c, "SharePoint Administrator"),
    (0x75941009_915a_4869_abe7_691bff18279e, "Skype for Business Administrator"),
    (0x69091246_20e8_4a56_aa4d_066075b2a7a8, "Teams Administrator"),
    (0xbaf37b3a_610e_45da_9e62_d9d1e5e8914b, "Teams Communications Administrator"),
    (0x3d762c5a_1b6c_493f_843e_55a3b42923d4, "Teams Devices Administrator"),
    (0xfe930be7_5e62_47db_91af_98c3a49a38b1, "User Administrator"),
    (0xe300d9e7_4a2b_4295_9eff_f1c78b36cc98, "Virtual Visits Administrator"),
    (0x92b086b3_e367_4ef2_b869_1de128fb986e, "Viva Goals Administrator"),
    (0x87761b17_1ed2_4af3_9acd_92a150038160, "Viva Pulse Administrator"),
    (0x32696413_001a_46ae_978c_ce0f6b3620d2, "Windows Update Deployment Administrator"),
    (0x11451d60_acb2_45eb_a7d6_43d0f0125c13, "Windows365 Administrator"),
    (0x810a2642_a034_447f_a5e8_41beaa378541, "Yammer Administrator"),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_has_no_role_twice_and_leaves_readers_out() {
        let mut ids: Vec<u128> = TWO_GATE_ROLES.iter().map(|(id, _)| *id).collect();
        ids.sort_unstable();
        ids.dedup();
        assert_eq!(ids.len(), TWO_GATE_ROLES.len());
        let global = Uuid::from_u128(0x62e90394_69f5_4237_9190_012177145e10);
        assert_eq!(two_gate_role(global), Some("Global Administrator"));
        assert_eq!(two_gate_role(Uuid::from_u128(0x5d6b6bb7_de71_4623_b4af_96380a352509)), None);
    }

    #[test]
    fn an_eligible_role_makes_no_administrator_and_unknown_stays_unknown() {
        let (user, role) =
            (Uuid::from_u128(1).into(), Uuid::from_u128(0x729827e3_9c14_49f7_bb1b_9608f156bbb8));
        let mut book = RoleIndex::default();
        book.insert(user, HeldRole { role, is_eligible: true, through: None });
        assert_eq!(book.is_administrator(user), None);
        book.is_active_known = true;
        assert_eq!(book.is_administrator(user), Some(false));
        book.insert(user, HeldRole { role, is_eligible: false, through: Some("Desk".to_owned()) });
        assert_eq!(book.is_administrator(user), Some(true));
        assert_eq!(book.of(user)[1].name(), "Helpdesk Administrator (through Desk)");
    }

    #[test]
    fn a_role_is_shown_by_its_name_or_else_its_id() {
        for (role, is_eligible, name) in [
            ("4a5d8f65-41da-4de4-8968-e035b65339cf", false, "Reports Reader"),
            ("5d6b6bb7-de71-4623-b4af-96380a352509", false, "Security Reader"),
            ("f2ef992c-3afb-46b9-b7cf-a126ee74c451", true, "Global Reader (eligible)"),
            ("158c047a-c907-4556-b7ef-446551a6b5f7", false, "Cloud Application Administrator"),
            ("00000000-0000-0000-0000-000000000001", false, "00000000-0000-0000-0000-000000000001"),
        ] {
            let held = HeldRole { role: role.parse().unwrap(), is_eligible, through: None };
            assert_eq!((held.name().as_str(), held.is_two_gate()), (name, false));
        }
    }
}
