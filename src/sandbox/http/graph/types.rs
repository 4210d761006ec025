//! The types of Graph's that are served, with the properties and filters Microsoft documents (facts 4; v1.0 metadata).

use crate::sandbox::http::odata::Kind::{Flag, Guid, Objects, Other, Text, Texts, Time};
use crate::sandbox::http::odata::{EQ, Entity, IN, NAME, NE, ON_REQUEST, PATH, RANGE, SEARCH, SORT, STARTS};

const FLAG: u16 = EQ | NE | IN;

pub(super) static USER: Entity = Entity {
    elsewhere: USER_ELSEWHERE,
    is_directory: true,
    ..Entity::new(
        "user",
        &[
            (Text, FLAG, "id"),
            (Text, NAME | SORT | SEARCH, "userPrincipalName displayName"),
            (Other, 0, "businessPhones"),
            (Text, NAME, "givenName jobTitle mail mobilePhone officeLocation preferredLanguage surname"),
            (Other, ON_REQUEST, "otherMails"),
            (Flag, FLAG | ON_REQUEST, "accountEnabled"),
            (Text, FLAG | ON_REQUEST, "userType"),
            (Other, ON_REQUEST, "signInActivity"),
            (Flag, FLAG | ON_REQUEST, "onPremisesSyncEnabled"),
            (Objects(&ASSIGNED_PLAN), EQ | NE | ON_REQUEST, "assignedPlans"),
            (Objects(&ASSIGNED_LICENSE), EQ | NE | ON_REQUEST, "assignedLicenses"),
        ],
    )
};

pub(super) static GROUP: Entity = Entity {
    elsewhere: GROUP_ELSEWHERE,
    is_directory: true,
    ..Entity::new(
        "group",
        &[
            (Text, FLAG, "id"),
            (Other, 0, "deletedDateTime classification"),
            (Time, 0, "createdDateTime"),
            (Text, NAME | SEARCH, "description"),
            (Text, NAME | SORT | SEARCH, "displayName"),
            (Texts, EQ | NE, "groupTypes"),
            (Flag, EQ | NE, "isAssignableToRole"),
            (Flag, FLAG, "mailEnabled"),
            (Text, NAME, "mailNickname"),
            (Other, 0, "membershipRule membershipRuleProcessingState"),
            (Flag, FLAG, "onPremisesSyncEnabled securityEnabled"),
            (Other, 0, "visibility"),
        ],
    )
};

/// What a list without a cast holds: each object with those properties that it has. They are in no filter: the base
/// type has nothing but an id.
pub(super) static DIRECTORY_OBJECT: Entity = Entity {
    elsewhere: USER_ELSEWHERE,
    is_directory: true,
    ..Entity::new(
        "directoryObject",
        &[
            (Text, EQ | IN, "id"),
            (Other, 0, "userPrincipalName displayName businessPhones givenName jobTitle mail mobilePhone"),
            (Other, 0, "officeLocation preferredLanguage surname"),
            (
                Other,
                ON_REQUEST,
                "accountEnabled userType onPremisesSyncEnabled assignedPlans assignedLicenses otherMails signInActivity",
            ),
            (Other, 0, "deletedDateTime classification createdDateTime description groupTypes"),
            (Other, 0, "isAssignableToRole mailEnabled mailNickname membershipRule"),
            (Other, 0, "membershipRuleProcessingState securityEnabled visibility"),
        ],
    )
};

static ASSIGNED_PLAN: Entity = Entity::new(
    "assignedPlan",
    &[(Guid, EQ | NE, "servicePlanId"), (Text, EQ | NE, "capabilityStatus service")],
);

static ASSIGNED_LICENSE: Entity = Entity::new("assignedLicense", &[(Guid, EQ | NE, "skuId")]);

pub(super) static ORGANIZATION: Entity = Entity {
    elsewhere: "deletedDateTime assignedPlans businessPhones city country countryLetterCode createdDateTime \
        defaultUsageLocation marketingNotificationEmails state street mobileDeviceManagementAuthority \
        onPremisesLastSyncDateTime partnerTenantType postalCode preferredLanguage privacyProfile provisionedPlans \
        technicalNotificationMails securityComplianceNotificationMails securityComplianceNotificationPhones",
    ..Entity::new(
        "organization",
        &[
            (Text, 0, "id displayName"),
            (Other, 0, "verifiedDomains"),
            (Flag, 0, "onPremisesSyncEnabled"),
            (Other, 0, "tenantType"),
        ],
    )
};

pub(super) static SKU: Entity = Entity {
    elsewhere: "accountId accountName prepaidUnits subscriptionIds",
    ..Entity::new(
        "subscribedSku",
        &[
            (Text, 0, "id skuId skuPartNumber capabilityStatus appliesTo"),
            (Other, 0, "consumedUnits servicePlans"),
        ],
    )
};

pub(super) static SYNCHRONIZATION: Entity = Entity {
    elsewhere: "configuration",
    ..Entity::new("onPremisesDirectorySynchronization", &[(Text, 0, "id"), (Other, 0, "features")])
};

pub(super) static REGISTRATION: Entity = Entity::new(
    "userRegistrationDetails",
    &[
        (Text, 0, "id"),
        (Text, EQ | STARTS | SORT, "userPrincipalName"),
        (Text, EQ | STARTS, "userDisplayName"),
        (Other, 0, "userType isAdmin"),
        (Flag, EQ, "isSsprRegistered isSsprEnabled isSsprCapable isMfaRegistered isMfaCapable"),
        (Flag, EQ, "isPasswordlessCapable isSystemPreferredAuthenticationMethodEnabled"),
        (Texts, EQ, "methodsRegistered systemPreferredAuthenticationMethods"),
        (Other, 0, "userPreferredMethodForSecondaryAuthentication lastUpdatedDateTime"),
    ],
);

pub(super) static AUDIT: Entity = Entity::new(
    "directoryAudit",
    &[
        (Text, EQ, "id"),
        (Time, EQ | RANGE | SORT, "activityDateTime"),
        (Text, EQ | STARTS, "activityDisplayName"),
        (Other, 0, "additionalDetails"),
        (Text, EQ, "category correlationId"),
        (Other, 0, "initiatedBy"),
        (Text, EQ | PATH, "initiatedBy/user/id initiatedBy/user/displayName"),
        (Text, EQ | STARTS | PATH, "initiatedBy/user/userPrincipalName"),
        (Text, EQ | PATH, "initiatedBy/app/appId initiatedBy/app/displayName"),
        (Text, EQ, "loggedByService"),
        (Other, 0, "operationType"),
        (Text, EQ, "result"),
        (Other, 0, "resultReason"),
        (Objects(&TARGET), EQ, "targetResources"),
    ],
);

static TARGET: Entity =
    Entity::new("targetResource", &[(Text, EQ, "id"), (Text, EQ | STARTS, "displayName")]);

pub(super) static ASSIGNMENT: Entity = Entity {
    elsewhere: "appScopeId condition principalOrganizationId appScope directoryScope",
    expands: &["principal", "roleDefinition"],
    ..Entity::new(
        "unifiedRoleAssignment",
        &[(Text, EQ, "id directoryScopeId"), (Text, EQ | IN, "principalId roleDefinitionId")],
    )
};

pub(super) static ELIGIBILITY: Entity = Entity {
    elsewhere: "appScopeId startDateTime endDateTime memberType roleEligibilityScheduleId appScope directoryScope",
    expands: ASSIGNMENT.expands,
    ..Entity::new("unifiedRoleEligibilityScheduleInstance", ASSIGNMENT.properties)
};

pub(super) static ROLE: Entity = Entity {
    elsewhere: "description resourceScopes rolePermissions version inheritsPermissionsFrom",
    ..Entity::new(
        "unifiedRoleDefinition",
        &[
            (Text, EQ | IN, "id templateId"),
            (Text, EQ | STARTS | IN, "displayName"),
            (Flag, EQ, "isBuiltIn isEnabled"),
        ],
    )
};

pub(super) static APPLICATION: Entity = Entity {
    elsewhere: "addIns api appRoles applicationTemplateId authenticationBehaviors certification defaultRedirectUri \
        deletedDateTime disabledByMicrosoftStatus groupMembershipClaims identifierUris info isDeviceOnlyAuthSupported \
        logo notes oauth2RequirePostResponse optionalClaims parentalControlSettings publisherDomain \
        requestSignatureVerification samlMetadataUrl serviceManagementReference servicePrincipalLockConfiguration \
        tokenEncryptionKeyId uniqueName verifiedPublisher",
    is_directory: true,
    ..Entity::new(
        "application",
        &[
            (Text, FLAG, "id appId"),
            (Text, NAME | SORT | SEARCH, "displayName"),
            (Text, EQ | NE | STARTS, "signInAudience"),
            (Texts, EQ | NE, "tags"),
            (Time, NAME, "createdDateTime"),
            (Flag, 0, "isFallbackPublicClient"),
            (
                Other,
                0,
                "publicClient web spa passwordCredentials keyCredentials requiredResourceAccess description",
            ),
        ],
    )
};

pub(super) static SERVICE_PRINCIPAL: Entity = Entity {
    elsewhere: "addIns alternativeNames appDescription appDisplayName appOwnerOrganizationId appRoles \
        applicationTemplateId customSecurityAttributes deletedDateTime description disabledByMicrosoftStatus homepage info \
        keyCredentials loginUrl logoutUrl notes notificationEmailAddresses oauth2PermissionScopes passwordCredentials \
        preferredSingleSignOnMode preferredTokenSigningKeyThumbprint replyUrls resourceSpecificApplicationPermissions \
        samlSingleSignOnSettings servicePrincipalNames signInAudience tokenEncryptionKeyId verifiedPublisher",
    is_directory: true,
    ..Entity::new(
        "servicePrincipal",
        &[
            (Text, FLAG, "id appId"),
            (Text, NAME | SORT | SEARCH, "displayName"),
            (Flag, FLAG, "accountEnabled"),
            (Text, EQ, "servicePrincipalType"),
            (Texts, EQ | NE, "tags"),
            (Flag, 0, "appRoleAssignmentRequired"),
        ],
    )
};

pub(super) static ASSIGNED_ROLE: Entity = Entity {
    is_directory: true,
    ..Entity::new(
        "appRoleAssignment",
        &[
            (Text, EQ, "id"),
            (Text, EQ, "principalId resourceId appRoleId"),
            (Text, EQ | STARTS, "principalDisplayName"),
            (Other, 0, "principalType resourceDisplayName createdDateTime deletedDateTime"),
        ],
    )
};

pub(super) static GRANT: Entity = Entity {
    is_directory: true,
    ..Entity::new(
        "oAuth2PermissionGrant",
        &[(Text, EQ, "id"), (Text, EQ, "clientId consentType principalId resourceId"), (Text, 0, "scope")],
    )
};

pub(super) static AUTHORIZATION: Entity = Entity::new(
    "authorizationPolicy",
    &[
        (Text, 0, "id displayName description"),
        (Other, 0, "deletedDateTime allowInvitesFrom"),
        (Flag, 0, "allowedToSignUpEmailBasedSubscriptions allowedToUseSSPR"),
        (Flag, 0, "allowEmailVerifiedUsersToJoinOrganization blockMsolPowerShell"),
        (Other, 0, "allowUserConsentForRiskyApps guestUserRoleId defaultUserRolePermissions"),
    ],
);

pub(super) static METHODS: Entity = Entity {
    elsewhere: "reconfirmationInDays",
    ..Entity::new(
        "authenticationMethodsPolicy",
        &[
            (Text, 0, "id displayName description"),
            (Other, 0, "lastModifiedDateTime policyVersion policyMigrationState registrationEnforcement"),
            // A relationship of it, which Graph answers with unasked.
            (Other, 0, "authenticationMethodConfigurations"),
        ],
    )
};

pub(super) static METHOD: Entity =
    Entity::new("authenticationMethodConfiguration", &[(Text, 0, "id"), (Other, 0, "state excludeTargets")]);

const USER_ELSEWHERE: &str = "deletedDateTime aboutMe ageGroup authorizationInfo birthday city companyName \
    consentProvidedForMinor country createdDateTime creationType customSecurityAttributes department \
    deviceEnrollmentLimit employeeHireDate employeeId employeeLeaveDateTime employeeOrgData employeeType \
    externalUserState externalUserStateChangeDateTime faxNumber hireDate identities identityParentId imAddresses \
    interests isManagementRestricted isResourceAccount lastPasswordChangeDateTime legalAgeGroupClassification \
    mailboxSettings licenseAssignmentStates mailNickname mySite onPremisesDistinguishedName \
    onPremisesDomainName onPremisesExtensionAttributes onPremisesImmutableId passwordPolicies \
    onPremisesLastSyncDateTime onPremisesProvisioningErrors onPremisesSamAccountName postalCode \
    onPremisesSecurityIdentifier onPremisesUserPrincipalName passwordProfile pastProjects preferredDataLocation \
    preferredName print provisionedPlans proxyAddresses schools responsibilities securityIdentifier \
    serviceProvisioningErrors showInAddressList state signInSessionsValidFromDateTime skills \
    streetAddress usageLocation memberOf transitiveMemberOf directReports licenseDetails authentication";

const GROUP_ELSEWHERE: &str = "accessType allowExternalSenders assignedLabels assignedLicenses \
    autoSubscribeNewMembers expirationDateTime hasMembersWithLicenseErrors hideFromAddressLists \
    hideFromOutlookClients infoCatalogs isArchived isFavorite isManagementRestricted isSubscribedByMail mail \
    licenseProcessingState onPremisesDomainName onPremisesExtensionAttributes organizationId \
    onPremisesLastSyncDateTime onPremisesNetBiosName onPremisesProvisioningErrors theme \
    onPremisesSamAccountName onPremisesSecurityIdentifier preferredDataLocation uniqueName preferredLanguage \
    proxyAddresses renewedDateTime resourceBehaviorOptions resourceProvisioningOptions securityIdentifier \
    serviceProvisioningErrors unseenCount unseenConversationsCount unseenMessagesCount welcomeMessageEnabled \
    members memberOf owners transitiveMembers transitiveMemberOf settings";
