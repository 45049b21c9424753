// SPDX-License-Identifier: Apache-2.0

/// What data objects of an authorisation are called (EMV 4.3 Book 3 Annex A), for people.
enum EMVTag {
    /// The tag itself for one that is not known.
    static func name(of tag: UInt32) -> FieldName {
        if let found = names.first(where: { $0.tag == tag }) { return FieldName(zh: found.zh, en: found.en) }
        let text = BERTLVWalk.text(tag)
        return FieldName(zh: text, en: text)
    }

    private static let names: [(tag: UInt32, zh: String, en: String)] = [
        (0x4F, "应用标识符", "application identifier"), (0x50, "应用标签", "application label"),
        (0x57, "二磁道等效数据", "track 2 equivalent data"), (0x5A, "应用主账号", "application PAN"),
        (0x5F20, "持卡人姓名", "cardholder name"), (0x5F24, "应用失效日期", "application expiration date"),
        (0x5F25, "应用生效日期", "application effective date"), (0x5F2A, "交易货币代码", "transaction currency code"),
        (0x5F34, "主账号序列号", "PAN sequence number"), (0x71, "发卡方脚本 1", "issuer script 1"),
        (0x72, "发卡方脚本 2", "issuer script 2"), (0x82, "应用交互特征", "application interchange profile"),
        (0x84, "专用文件名", "dedicated file name"), (0x86, "发卡方脚本命令", "issuer script command"),
        (0x8A, "授权响应码", "authorisation response code"), (0x91, "发卡方认证数据", "issuer authentication data"),
        (0x95, "终端验证结果", "terminal verification results"), (0x9A, "交易日期", "transaction date"),
        (0x9B, "交易状态信息", "transaction status information"), (0x9C, "交易类型", "transaction type"),
        (0x9F02, "授权金额", "amount, authorised"), (0x9F03, "其他金额", "amount, other"),
        (0x9F06, "终端应用标识符", "application identifier, terminal"),
        (0x9F09, "应用版本号", "application version number, terminal"),
        (0x9F10, "发卡方应用数据", "issuer application data"), (0x9F1A, "终端国家代码", "terminal country code"),
        (0x9F1E, "接口设备序列号", "interface device serial number"), (0x9F26, "应用密文", "application cryptogram"),
        (0x9F27, "密文信息数据", "cryptogram information data"), (0x9F33, "终端性能", "terminal capabilities"),
        (0x9F34, "持卡人验证结果", "cardholder verification results"), (0x9F35, "终端类型", "terminal type"),
        (0x9F36, "应用交易计数器", "application transaction counter"), (0x9F37, "不可预知数", "unpredictable number"),
        (0x9F41, "交易序列计数器", "transaction sequence counter"), (0x9F63, "卡产品标识", "card product identification"),
    ]
}
