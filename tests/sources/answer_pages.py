"""Pages as portals and their protections give them, written anew: what is said and how, without anybody's markup."""

from gongkai.archive.answers import AnswerKind as Kind

REPORT = "<p>一、总体情况</p><p>本机关在当年主动公开政府信息若干条，收到政府信息公开申请若干件，均已按期答复。</p>"
NAVIGATION = (
    "<div class=head><a href=/login>登录</a><a href=/reg>注册</a><a href=/uaa>统一身份认证</a><a href=/>首页</a></div>"
)
FOOTER = "<div class=foot>主办：云岭县人民政府办公室　网站维护：云岭县大数据局　如页面显示异常请联系我们</div>"

JSL = (
    "<script>document.cookie=('_')+('_')+('j')+('s')+('l')+('_')+('c')+('l')+('e')+('a')+('r')+('a')+('n')+('c')+('e')"
    "+('_')+('s')+('=')+(1+6+'')+'.1;max-age=3600;path=/';location.href=location.pathname+location.search</script>"
)
RUISHU = (
    '<!DOCTYPE html><html><head><meta charset="utf-8"><meta content="qWe1rTy2" r="m"><script r="m">'
    "$_ts=window['$_ts'];if(!$_ts)$_ts={};$_ts.nsd=31415;$_ts.cd='q0Mt';</script></head><body></body></html>"
)
ALIYUN = (
    "<html><script>var arg1='0A1B2C3D4E5F';(function(a){document.cookie='acw_sc__v2='+f(arg1)+';path=/';"
    "document.location.reload()})()</script></html>"
)
ALIYUN_BLOCK = (
    "<!doctype html><html><head><title>405</title><script>var u='https://errors.aliyun.com/images/x.png'</script></head>"
    "<body><div>很抱歉，由于您访问的URL有可能对网站造成安全威胁，您的访问被阻断。</div>"
    "<div>您的请求ID是: 0a1b2c3d</div></body></html>"
)
CHUANGYU = "<html><head><title>创宇盾</title></head><body><h2>当前访问疑似黑客攻击，已被创宇盾拦截</h2></body></html>"
SAFEDOG = (
    "<html><head><title>网站防火墙</title></head><body><p>您的请求带有不合法参数，已被网站管理员设置拦截！</p>"
    "<p>如果您是网站管理员，请登录安全狗云端查看</p></body></html>"
)
LOGIN = (
    "<!DOCTYPE html><html><head><title>云岭省统一身份认证平台</title></head><body><form action=/cas/login method=post>"
    "<input name=username placeholder=账号><input type=password name=password>"
    "<input type=hidden name=execution value=e1s1><button>登录</button></form><p>忘记密码</p></body></html>"
)
SPA = "<!DOCTYPE html><html><head><title>政务公开</title></head><body><div id=app></div><script src=/a.js></script>"
LIST = "<html><title>政府信息公开年报</title><ul>{}</ul><p>共1页</p></html>".format(
    "".join(
        f"<li><a href=/c/{year}.html>云岭县{year}年政府信息公开工作年度报告</a><i>{year + 1}-01-20</i></li>"
        for year in range(2015, 2024)
    )
)

GOLDEN: dict[str, tuple[str, Kind]] = {
    "加速乐 challenge": (JSL, Kind.JS_CHALLENGE),
    "瑞数 challenge": (RUISHU, Kind.JS_CHALLENGE),
    "阿里云 challenge": (ALIYUN, Kind.JS_CHALLENGE),
    "a challenge in words": ("<html><body>正在检测您的浏览器，请稍候</body></html>", Kind.JS_CHALLENGE),
    "a script that sets a cookie and asks again": (
        "<html><script>document.cookie='ck=1a2b;path=/';window.location.reload();</script></html>",
        Kind.JS_CHALLENGE,
    ),
    "阿里云 WAF": (ALIYUN_BLOCK, Kind.BLOCK_PAGE),
    "创宇盾": (CHUANGYU, Kind.BLOCK_PAGE),
    "安全狗": (SAFEDOG, Kind.BLOCK_PAGE),
    "a captcha": ("<html><body>安全验证：请完成滑块</body></html>", Kind.BLOCK_PAGE),
    "too often": ("<html><p>访问过于 频繁，请稍后再试</p></html>", Kind.RATE_LIMITED),
    "统一身份认证": (LOGIN, Kind.LOGIN),
    "a password alone": ("<html><form><p>政务内网</p><input type=password></form></html>", Kind.LOGIN),
    "a session that ended": ("<html><p>登录已过期，请重新登录</p></html>", Kind.LOGIN),
    "您访问的页面不存在": (
        "<html><title>404</title><h1>404 对不起，您访问的页面不存在或已删除！</h1></html>",
        Kind.SOFT_404,
    ),
    "a title that says 404": (
        "<html><title>404 - 云岭县人民政府</title><p>返回首页</p><p>请联系我们，谢谢您的支持</p></html>",
        Kind.SOFT_404,
    ),
    "within the portal's frame": (
        f"<html><title>云岭县人民政府</title>{NAVIGATION}<p>抱歉，您要查看的页面已被移除，5秒后返回</p>{FOOTER}</html>",
        Kind.SOFT_404,
    ),
    "a refresh to /404.html": ("<html><meta http-equiv=refresh content='0;url=/404.html'></html>", Kind.SOFT_404),
    "a script to an error page": ("<script>window.location.href='/error/404.htm';</script>", Kind.SOFT_404),
    "a script to the home page": ("<html><script>top.location.href='/index.html';</script></html>", Kind.MOVED),
    "a refresh to the home page": ("<html><meta http-equiv=refresh content='3;url=/'>正在返回</html>", Kind.MOVED),
    "a script to a login": ("<script>location.href='/cas/login?service=x'</script>", Kind.LOGIN),
    "a portal that was closed": ("<html><p>本站已迁移，请访问新网站</p></html>", Kind.MOVED),
    "an error": ("<html><p>系统 错误</p></html>", Kind.ERROR_PAGE),
    "a portal in repair": ("<html><p>网站正在维护，敬请谅解</p></html>", Kind.ERROR_PAGE),
    "nothing": ("  \n", Kind.EMPTY),
    "a single-page application": (SPA, Kind.NO_TEXT),
    "an address put together by a script": ("<html><script>location='/x' + t + 'y';</script></html>", Kind.NO_TEXT),
    "a refresh to the report": ("<html><meta http-equiv=refresh content='0;url=/y/1.html'></html>", Kind.SHELL),
    "a frame around the report": ("<html><body><iframe src=1_body.html></iframe></body></html>", Kind.SHELL),
    "a list": (LIST, Kind.LIST),
    "a report": (f"<html>{NAVIGATION}<div id=zoom>{REPORT}</div>{FOOTER}</html>", Kind.REPORT),
    "a report without markup of its own": (f"<!DOCTYPE html>{REPORT}", Kind.REPORT),
    "a report with a script for statistics": (
        f"<html><script>document.cookie='v=1;path=/';</script><div id=zoom>{REPORT}</div></html>",
        Kind.REPORT,
    ),
    "files only": (
        f"<html>{NAVIGATION}<div id=zoom><p>全文见附件。</p><a href=x.pdf>年度报告</a></div>{FOOTER}</html>",
        Kind.ATTACHMENT_PAGE,
    ),
    "files only, in a frame with a password": (
        "<html><form><input type=password></form><div class=TRS_Editor><a href=x.doc>年度报告</a></div></html>",
        Kind.ATTACHMENT_PAGE,
    ),
    "files only, on a portal that speaks of errors": (
        f"<html><div id=zoom><a href=x.pdf>年度报告</a></div><p>如提示系统错误，请联系网站维护</p>{FOOTER}</html>",
        Kind.ATTACHMENT_PAGE,
    ),
    "a report with its file": (
        f"<html><div id=zoom>{REPORT * 4}<a href=x.pdf>下载</a></div></html>",
        Kind.REPORT,
    ),
    "a report that lists those of other years": (
        f"<html><div id=zoom>{REPORT * 12}</div>{LIST}</html>",
        Kind.REPORT,
    ),
    "a report as pictures": (
        "<html><div id=zoom><img src=1.png width=800><img src=2.png width=800></div></html>",
        Kind.PICTURE,
    ),
    "a long report that speaks of what error pages say": (
        "<html><p>" + "群众反映网站页面不存在的问题，已整改。" * 60,
        Kind.REPORT,
    ),
}
"""What it is: (page, kind)."""

FILES: dict[str, tuple[bytes, Kind]] = {
    "pdf": (b"%PDF-1.7\n%\xe2\xe3", Kind.REPORT),
    "docx": (b"PK\x03\x04\x14\x00", Kind.REPORT),
    "rar": (b"Rar!\x1a\x07\x00", Kind.REPORT),
    "text": ("云岭县2023年政府信息公开工作年度报告\n一、总体情况\n".encode("gb18030"), Kind.REPORT),
    "a picture": (b"\x89PNG\r\n\x1a\n" + bytes(30), Kind.PICTURE),
    "an error as JSON": (
        b'{"code":500,"msg":"\xe7\xb3\xbb\xe7\xbb\x9f\xe9\x94\x99\xe8\xaf\xaf","data":null}',
        Kind.WRONG_TYPE,
    ),
    "XML": (b"<?xml version='1.0'?><rss><channel/></rss>", Kind.WRONG_TYPE),
    "a program": (b"MZ\x90\x00" + bytes(60), Kind.WRONG_TYPE),
    "a film": (b"\x00\x00\x00\x20ftypisom" + bytes(60), Kind.WRONG_TYPE),
    "packed data": (b"\x1f\x8b\x08\x00" + bytes(60), Kind.WRONG_TYPE),
    "a spreadsheet": (
        b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(100) + "Workbook".encode("utf-16-le"),
        Kind.OTHER_FORMAT,
    ),
    "something unknown": (b"CEBX" + bytes(range(256)) * 8, Kind.OTHER_FORMAT),
    "white space": (b"\xef\xbb\xbf \r\n\x00", Kind.EMPTY),
}
