// SPDX-License-Identifier: Apache-2.0
// The part of PKCS #11 (OASIS, version 2.40: base specification and current mechanisms) that the token back end uses.
// Nothing is linked: the library is opened at run time. On Linux the structures have their natural alignment. Names are
// the standard's; what the project does not call is a place in the table without a type.
#ifndef TILLGUARD_CPKCS11_H
#define TILLGUARD_CPKCS11_H

typedef unsigned char CK_BYTE;
typedef unsigned long CK_ULONG;
typedef CK_ULONG CK_RV;
typedef CK_ULONG CK_SLOT_ID;
typedef CK_ULONG CK_SESSION_HANDLE;
typedef CK_ULONG CK_OBJECT_HANDLE;
typedef void (*CK_UNUSED)(void);

typedef struct CK_VERSION {
    CK_BYTE major;
    CK_BYTE minor;
} CK_VERSION;

typedef struct CK_TOKEN_INFO {
    CK_BYTE label[32];
    CK_BYTE manufacturerID[32];
    CK_BYTE model[16];
    CK_BYTE serialNumber[16];
    CK_ULONG flags;
    CK_ULONG ulMaxSessionCount;
    CK_ULONG ulSessionCount;
    CK_ULONG ulMaxRwSessionCount;
    CK_ULONG ulRwSessionCount;
    CK_ULONG ulMaxPinLen;
    CK_ULONG ulMinPinLen;
    CK_ULONG ulTotalPublicMemory;
    CK_ULONG ulFreePublicMemory;
    CK_ULONG ulTotalPrivateMemory;
    CK_ULONG ulFreePrivateMemory;
    CK_VERSION hardwareVersion;
    CK_VERSION firmwareVersion;
    CK_BYTE utcTime[16];
} CK_TOKEN_INFO;

typedef struct CK_ATTRIBUTE {
    CK_ULONG type;
    void *pValue;
    CK_ULONG ulValueLen;
} CK_ATTRIBUTE;

typedef struct CK_MECHANISM {
    CK_ULONG mechanism;
    void *pParameter;
    CK_ULONG ulParameterLen;
} CK_MECHANISM;

typedef struct CK_GCM_PARAMS {
    CK_BYTE *pIv;
    CK_ULONG ulIvLen;
    CK_ULONG ulIvBits;
    CK_BYTE *pAAD;
    CK_ULONG ulAADLen;
    CK_ULONG ulTagBits;
} CK_GCM_PARAMS;

typedef struct CK_C_INITIALIZE_ARGS {
    CK_UNUSED CreateMutex;
    CK_UNUSED DestroyMutex;
    CK_UNUSED LockMutex;
    CK_UNUSED UnlockMutex;
    CK_ULONG flags;
    void *pReserved;
} CK_C_INITIALIZE_ARGS;

typedef struct CK_FUNCTION_LIST CK_FUNCTION_LIST;
typedef CK_RV (*CK_C_GetFunctionList)(CK_FUNCTION_LIST **list);

// Base specification, appendix B of 2.40 lists the functions in this order.
struct CK_FUNCTION_LIST {
    CK_VERSION version;
    CK_RV (*C_Initialize)(void *arguments);
    CK_UNUSED C_Finalize;
    CK_UNUSED C_GetInfo;
    CK_C_GetFunctionList C_GetFunctionList;
    CK_RV (*C_GetSlotList)(CK_BYTE tokenPresent, CK_SLOT_ID *list, CK_ULONG *count);
    CK_UNUSED C_GetSlotInfo;
    CK_RV (*C_GetTokenInfo)(CK_SLOT_ID slot, CK_TOKEN_INFO *info);
    CK_UNUSED C_GetMechanismList;
    CK_UNUSED C_GetMechanismInfo;
    CK_UNUSED C_InitToken;
    CK_UNUSED C_InitPIN;
    CK_UNUSED C_SetPIN;
    CK_RV (*C_OpenSession)(
        CK_SLOT_ID slot, CK_ULONG flags, void *application, CK_UNUSED notify, CK_SESSION_HANDLE *session);
    CK_RV (*C_CloseSession)(CK_SESSION_HANDLE session);
    CK_UNUSED C_CloseAllSessions;
    CK_UNUSED C_GetSessionInfo;
    CK_UNUSED C_GetOperationState;
    CK_UNUSED C_SetOperationState;
    CK_RV (*C_Login)(CK_SESSION_HANDLE session, CK_ULONG user, CK_BYTE *pin, CK_ULONG count);
    CK_RV (*C_Logout)(CK_SESSION_HANDLE session);
    CK_RV (*C_CreateObject)(
        CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count, CK_OBJECT_HANDLE *object);
    CK_UNUSED C_CopyObject;
    CK_RV (*C_DestroyObject)(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object);
    CK_UNUSED C_GetObjectSize;
    CK_RV (*C_GetAttributeValue)(
        CK_SESSION_HANDLE session, CK_OBJECT_HANDLE object, CK_ATTRIBUTE *attributes, CK_ULONG count);
    CK_UNUSED C_SetAttributeValue;
    CK_RV (*C_FindObjectsInit)(CK_SESSION_HANDLE session, CK_ATTRIBUTE *attributes, CK_ULONG count);
    CK_RV (*C_FindObjects)(CK_SESSION_HANDLE session, CK_OBJECT_HANDLE *objects, CK_ULONG room, CK_ULONG *count);
    CK_RV (*C_FindObjectsFinal)(CK_SESSION_HANDLE session);
    CK_RV (*C_EncryptInit)(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
    CK_RV (*C_Encrypt)(
        CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG count, CK_BYTE *output, CK_ULONG *room);
    CK_UNUSED C_EncryptUpdate;
    CK_UNUSED C_EncryptFinal;
    CK_RV (*C_DecryptInit)(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
    CK_RV (*C_Decrypt)(
        CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG count, CK_BYTE *output, CK_ULONG *room);
    CK_UNUSED C_DecryptUpdate;
    CK_UNUSED C_DecryptFinal;
    CK_UNUSED C_DigestInit;
    CK_UNUSED C_Digest;
    CK_UNUSED C_DigestUpdate;
    CK_UNUSED C_DigestKey;
    CK_UNUSED C_DigestFinal;
    CK_RV (*C_SignInit)(CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_OBJECT_HANDLE key);
    CK_RV (*C_Sign)(CK_SESSION_HANDLE session, CK_BYTE *data, CK_ULONG count, CK_BYTE *output, CK_ULONG *room);
    CK_UNUSED C_SignUpdate;
    CK_UNUSED C_SignFinal;
    CK_UNUSED C_SignRecoverInit;
    CK_UNUSED C_SignRecover;
    CK_UNUSED C_VerifyInit;
    CK_UNUSED C_Verify;
    CK_UNUSED C_VerifyUpdate;
    CK_UNUSED C_VerifyFinal;
    CK_UNUSED C_VerifyRecoverInit;
    CK_UNUSED C_VerifyRecover;
    CK_UNUSED C_DigestEncryptUpdate;
    CK_UNUSED C_DecryptDigestUpdate;
    CK_UNUSED C_SignEncryptUpdate;
    CK_UNUSED C_DecryptVerifyUpdate;
    CK_RV (*C_GenerateKey)(
        CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *attributes, CK_ULONG count,
        CK_OBJECT_HANDLE *key);
    CK_RV (*C_GenerateKeyPair)(
        CK_SESSION_HANDLE session, CK_MECHANISM *mechanism, CK_ATTRIBUTE *publicAttributes, CK_ULONG publicCount,
        CK_ATTRIBUTE *privateAttributes, CK_ULONG privateCount, CK_OBJECT_HANDLE *publicKey,
        CK_OBJECT_HANDLE *privateKey);
    CK_UNUSED C_WrapKey;
    CK_UNUSED C_UnwrapKey;
    CK_UNUSED C_DeriveKey;
    CK_UNUSED C_SeedRandom;
    CK_RV (*C_GenerateRandom)(CK_SESSION_HANDLE session, CK_BYTE *buffer, CK_ULONG count);
    CK_UNUSED C_GetFunctionStatus;
    CK_UNUSED C_CancelFunction;
    CK_UNUSED C_WaitForSlotEvent;
};

#endif
