//! The types of Graph's that are served, with the properties and filters Microsoft documents (facts 4; v1.0 metadata).

use crate::sandbox::http::odata::{EQ, Entity, IN, Kind, NAME, NE, Property, RANGE, STARTS};

const ID: Property = Property::text("id").filtered(EQ | NE | IN);
const FLAG: u8 = EQ | NE | IN;

const USER_PROPERTIES: &[Property] = &[
    ID,
    Property::text("userPrincipalName").filtered(NAME).sorted().searched(),
    Property::text("displayName").filtered(NAME).sorted().searched(),
    Property::other("businessPhones"),
    Property::text("givenName").filtered(NAME),
    Property::text("jobTitle").filtered(NAME),
    Property::text("mail").filtered(NAME),
    Property::text("mobilePhone").filtered(NAME),
    Property::text("officeLocation").filtered(NAME),
    Property::text("preferredLanguage").filtered(NAME),
    Property::text("surname").filtered(NAME),
    Property::flag("accountEnabled").filtered(FLAG).on_request(),
    Property::text("userType").filtered(FLAG).on_request(),
    Property::flag("onPremisesSyncEnabled").filtered(FLAG).on_request(),
    Property::new("assignedPlans", Kind::Objects(&ASSIGNED_PLAN)).filtered(EQ | NE).on_request(),
    Property::new("assignedLicenses", Kind::Objects(&ASSIGNED_LICENSE)).filtered(EQ | NE).on_request(),
];

const GROUP_PROPERTIES: &[Property] = &[
    ID,
    Property::other("deletedDateTime"),
    Property::other("classification"),
    Property::new("createdDateTime", Kind::Time),
    Property::text("description").filtered(NAME).searched(),
    Property::text("displayName").filtered(NAME).sorted().searched(),
    Property::new("groupTypes", Kind::Texts).filtered(EQ | NE),
    Property::flag("isAssignableToRole").filtered(EQ | NE),
    Property::flag("mailEnabled").filtered(FLAG),
    Property::text("mailNickname").filtered(NAME),
    Property::other("membershipRule"),
    Property::other("membershipRuleProcessingState"),
    Property::flag("onPremisesSyncEnabled").filtered(FLAG),
    Property::flag("securityEnabled").filtered(FLAG),
    Property::other("visibility"),
];

pub(super) static USER: Entity = Entity {
    name: "user",
    properties: &[USER_PROPERTIES],
    elsewhere: USER_ELSEWHERE,
    expands: &[],
    is_directory: true,
};

pub(super) static GROUP: Entity = Entity {
    name: "group",
    properties: &[GROUP_PROPERTIES],
    elsewhere: GROUP_ELSEWHERE,
    expands: &[],
    is_directory: true,
};

/// What a list without a cast holds: each object with those properties that it has.
pub(super) static DIRECTORY_OBJECT: Entity = Entity {
    name: "directoryObject",
    properties: &[USER_ONLY, GROUP_ONLY],
    elsewhere: USER_ELSEWHERE,
    expands: &[],
    is_directory: true,
};

/// As of a user, and in no filter: the base type has nothing but an id.
const USER_ONLY: &[Property] = &[
    Property::text("id").filtered(EQ | IN),
    Property::other("userPrincipalName"),
    Property::other("displayName"),
    Property::other("businessPhones"),
    Property::other("givenName"),
    Property::other("jobTitle"),
    Property::other("mail"),
    Property::other("mobilePhone"),
    Property::other("officeLocation"),
    Property::other("preferredLanguage"),
    Property::other("surname"),
    Property::other("accountEnabled").on_request(),
    Property::other("userType").on_request(),
    Property::other("onPremisesSyncEnabled").on_request(),
    Property::other("assignedPlans").on_request(),
    Property::other("assignedLicenses").on_request(),
];

const GROUP_ONLY: &[Property] = &[
    Property::other("deletedDateTime"),
    Property::other("classification"),
    Property::other("createdDateTime"),
    Property::other("description"),
    Property::other("groupTypes"),
    Property::other("isAssignableToRole"),
    Property::other("mailEnabled"),
    Property::other("mailNickname"),
    Property::other("membershipRule"),
    Property::other("membershipRuleProcessingState"),
    Property::other("securityEnabled"),
    Property::other("visibility"),
];

static ASSIGNED_PLAN: Entity = part(
    "assignedPlan",
    &[&[
        Property::new("servicePlanId", Kind::Guid).filtered(EQ | NE),
        Property::text("capabilityStatus").filtered(EQ | NE),
        Property::text("service").filtered(EQ | NE),
    ]],
);

static ASSIGNED_LICENSE: Entity =
    part("assignedLicense", &[&[Property::new("skuId", Kind::Guid).filtered(EQ | NE)]]);

pub(super) static ORGANIZATION: Entity = Entity {
    name: "organization",
    properties: &[&[
        Property::text("id"),
        Property::text("displayName"),
        Property::other("verifiedDomains"),
        Property::flag("onPremisesSyncEnabled"),
        Property::other("tenantType"),
    ]],
    elsewhere: &[
        &["deletedDateTime", "assignedPlans", "businessPhones", "city", "country", "countryLetterCode"],
        &["createdDateTime", "defaultUsageLocation", "marketingNotificationEmails", "state", "street"],
        &["mobileDeviceManagementAuthority", "onPremisesLastSyncDateTime", "partnerTenantType", "postalCode"],
        &["preferredLanguage", "privacyProfile", "provisionedPlans", "technicalNotificationMails"],
        &["securityComplianceNotificationMails", "securityComplianceNotificationPhones"],
    ],
    expands: &[],
    is_directory: false,
};

pub(super) static SKU: Entity = Entity {
    name: "subscribedSku",
    properties: &[&[
        Property::text("id"),
        Property::text("skuId"),
        Property::text("skuPartNumber"),
        Property::text("capabilityStatus"),
        Property::text("appliesTo"),
        Property::other("consumedUnits"),
        Property::other("servicePlans"),
    ]],
    elsewhere: &[&["accountId", "accountName", "prepaidUnits", "subscriptionIds"]],
    expands: &[],
    is_directory: false,
};

pub(super) static SYNCHRONIZATION: Entity = Entity {
    name: "onPremisesDirectorySynchronization",
    properties: &[&[Property::text("id"), Property::other("features")]],
    elsewhere: &[&["configuration"]],
    expands: &[],
    is_directory: false,
};

pub(super) static REGISTRATION: Entity = Entity {
    name: "userRegistrationDetails",
    properties: &[&[
        Property::text("id"),
        Property::text("userPrincipalName").filtered(EQ | STARTS).sorted(),
        Property::text("userDisplayName").filtered(EQ | STARTS),
        Property::other("userType"),
        Property::other("isAdmin"),
        Property::flag("isSsprRegistered").filtered(EQ),
        Property::flag("isSsprEnabled").filtered(EQ),
        Property::flag("isSsprCapable").filtered(EQ),
        Property::flag("isMfaRegistered").filtered(EQ),
        Property::flag("isMfaCapable").filtered(EQ),
        Property::flag("isPasswordlessCapable").filtered(EQ),
        Property::flag("isSystemPreferredAuthenticationMethodEnabled").filtered(EQ),
        Property::new("methodsRegistered", Kind::Texts).filtered(EQ),
        Property::new("systemPreferredAuthenticationMethods", Kind::Texts).filtered(EQ),
        Property::other("userPreferredMethodForSecondaryAuthentication"),
        Property::other("lastUpdatedDateTime"),
    ]],
    elsewhere: &[],
    expands: &[],
    is_directory: false,
};

pub(super) static AUDIT: Entity = Entity {
    name: "directoryAudit",
    properties: &[&[
        Property::text("id").filtered(EQ),
        Property::new("activityDateTime", Kind::Time).filtered(EQ | RANGE).sorted(),
        Property::text("activityDisplayName").filtered(EQ | STARTS),
        Property::other("additionalDetails"),
        Property::text("category").filtered(EQ),
        Property::text("correlationId").filtered(EQ),
        Property::other("initiatedBy"),
        Property::text("initiatedBy/user/id").filtered(EQ).path(),
        Property::text("initiatedBy/user/displayName").filtered(EQ).path(),
        Property::text("initiatedBy/user/userPrincipalName").filtered(EQ | STARTS).path(),
        Property::text("initiatedBy/app/appId").filtered(EQ).path(),
        Property::text("initiatedBy/app/displayName").filtered(EQ).path(),
        Property::text("loggedByService").filtered(EQ),
        Property::other("operationType"),
        Property::text("result").filtered(EQ),
        Property::other("resultReason"),
        Property::new("targetResources", Kind::Objects(&TARGET)).filtered(EQ),
    ]],
    elsewhere: &[],
    expands: &[],
    is_directory: false,
};

static TARGET: Entity = part(
    "targetResource",
    &[&[Property::text("id").filtered(EQ), Property::text("displayName").filtered(EQ | STARTS)]],
);

pub(super) static ASSIGNMENT: Entity = Entity {
    name: "unifiedRoleAssignment",
    properties: &[&[
        Property::text("id").filtered(EQ),
        Property::text("principalId").filtered(EQ | IN),
        Property::text("roleDefinitionId").filtered(EQ | IN),
        Property::text("directoryScopeId").filtered(EQ),
    ]],
    elsewhere: &[&["appScopeId", "condition", "principalOrganizationId", "appScope", "directoryScope"]],
    expands: &["principal", "roleDefinition"],
    is_directory: false,
};

pub(super) static ELIGIBILITY: Entity = Entity {
    name: "unifiedRoleEligibilityScheduleInstance",
    properties: ASSIGNMENT.properties,
    elsewhere: &[
        &["appScopeId", "startDateTime", "endDateTime", "memberType", "roleEligibilityScheduleId"],
        &["appScope", "directoryScope"],
    ],
    expands: ASSIGNMENT.expands,
    is_directory: false,
};

pub(super) static ROLE: Entity = Entity {
    name: "unifiedRoleDefinition",
    properties: &[&[
        Property::text("id").filtered(EQ | IN),
        Property::text("displayName").filtered(EQ | STARTS | IN),
        Property::flag("isBuiltIn").filtered(EQ),
        Property::flag("isEnabled").filtered(EQ),
        Property::text("templateId").filtered(EQ | IN),
    ]],
    elsewhere: &[&["description", "resourceScopes", "rolePermissions", "version", "inheritsPermissionsFrom"]],
    expands: &[],
    is_directory: false,
};

pub(super) static AUTHORIZATION: Entity = Entity {
    name: "authorizationPolicy",
    properties: &[&[
        Property::text("id"),
        Property::text("displayName"),
        Property::text("description"),
        Property::other("deletedDateTime"),
        Property::other("allowInvitesFrom"),
        Property::flag("allowedToSignUpEmailBasedSubscriptions"),
        Property::flag("allowedToUseSSPR"),
        Property::flag("allowEmailVerifiedUsersToJoinOrganization"),
        Property::other("allowUserConsentForRiskyApps"),
        Property::flag("blockMsolPowerShell"),
        Property::other("guestUserRoleId"),
        Property::other("defaultUserRolePermissions"),
    ]],
    elsewhere: &[],
    expands: &[],
    is_directory: false,
};

pub(super) static METHODS: Entity = Entity {
    name: "authenticationMethodsPolicy",
    properties: &[&[
        Property::text("id"),
        Property::text("displayName"),
        Property::text("description"),
        Property::other("lastModifiedDateTime"),
        Property::other("policyVersion"),
        Property::other("policyMigrationState"),
        Property::other("registrationEnforcement"),
        // A relationship of it, which Graph answers with unasked.
        Property::other("authenticationMethodConfigurations"),
    ]],
    elsewhere: &[&["reconfirmationInDays"]],
    expands: &[],
    is_directory: false,
};

pub(super) static METHOD: Entity = Entity {
    name: "authenticationMethodConfiguration",
    properties: &[&[Property::text("id"), Property::other("state"), Property::other("excludeTargets")]],
    elsewhere: &[],
    expands: &[],
    is_directory: false,
};

/// A type that is part of another's.
const fn part(name: &'static str, properties: &'static [&'static [Property]]) -> Entity {
    Entity { name, properties, elsewhere: &[], expands: &[], is_directory: false }
}

const USER_ELSEWHERE: &[&[&str]] = &[
    &["deletedDateTime", "aboutMe", "ageGroup", "authorizationInfo", "birthday", "city", "companyName"],
    &["consentProvidedForMinor", "country", "createdDateTime", "creationType", "customSecurityAttributes"],
    &["department", "deviceEnrollmentLimit", "employeeHireDate", "employeeId", "employeeLeaveDateTime"],
    &["employeeOrgData", "employeeType", "externalUserState", "externalUserStateChangeDateTime", "faxNumber"],
    &["hireDate", "identities", "identityParentId", "imAddresses", "interests", "isManagementRestricted"],
    &["isResourceAccount", "lastPasswordChangeDateTime", "legalAgeGroupClassification", "mailboxSettings"],
    &["licenseAssignmentStates", "mailNickname", "mySite", "onPremisesDistinguishedName", "otherMails"],
    &["onPremisesDomainName", "onPremisesExtensionAttributes", "onPremisesImmutableId", "passwordPolicies"],
    &["onPremisesLastSyncDateTime", "onPremisesProvisioningErrors", "onPremisesSamAccountName", "postalCode"],
    &["onPremisesSecurityIdentifier", "onPremisesUserPrincipalName", "passwordProfile", "pastProjects"],
    &["preferredDataLocation", "preferredName", "print", "provisionedPlans", "proxyAddresses", "schools"],
    &["responsibilities", "securityIdentifier", "serviceProvisioningErrors", "showInAddressList", "state"],
    &["signInActivity", "signInSessionsValidFromDateTime", "skills", "streetAddress", "usageLocation"],
    &["memberOf", "transitiveMemberOf", "directReports", "licenseDetails", "authentication"],
];

const GROUP_ELSEWHERE: &[&[&str]] = &[
    &["accessType", "allowExternalSenders", "assignedLabels", "assignedLicenses", "autoSubscribeNewMembers"],
    &["expirationDateTime", "hasMembersWithLicenseErrors", "hideFromAddressLists", "hideFromOutlookClients"],
    &["infoCatalogs", "isArchived", "isFavorite", "isManagementRestricted", "isSubscribedByMail", "mail"],
    &["licenseProcessingState", "onPremisesDomainName", "onPremisesExtensionAttributes", "organizationId"],
    &["onPremisesLastSyncDateTime", "onPremisesNetBiosName", "onPremisesProvisioningErrors", "theme"],
    &["onPremisesSamAccountName", "onPremisesSecurityIdentifier", "preferredDataLocation", "uniqueName"],
    &["preferredLanguage", "proxyAddresses", "renewedDateTime", "resourceBehaviorOptions"],
    &["resourceProvisioningOptions", "securityIdentifier", "serviceProvisioningErrors", "unseenCount"],
    &["unseenConversationsCount", "unseenMessagesCount", "welcomeMessageEnabled"],
    &["members", "memberOf", "owners", "transitiveMembers", "transitiveMemberOf", "settings"],
];
