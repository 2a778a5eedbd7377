//! Help, in both languages.

use crate::harness::Place;

#[test]
fn the_help_lists_verbs_and_flags() {
    let said = Place::new().run("--help");
    assert_eq!(said.code, 0);
    insta::assert_snapshot!(said.stdout, @r#"
Deploys, updates and rolls back Docker Compose stacks as transactions

A run ends with the new release, healthy, or with exactly what ran before.

Usage: backstay [OPTIONS] <COMMAND>

Commands:
  deploy    Deploy the stack: the new release runs, healthy, or what ran before is as it was
  update    Update some services: all of them run the new version, healthy, or all run as before
  rollback  Go back to a kept release
  backups   List, show, pin, move and remove backups
  data      List, save, bring back and test the data of releases
  cert      Make, show and check the stack's certificate
  gateway   Hold host ports, so that containers change behind them and no request is lost
  status    Show what runs, which release it is, and how it differs from it
  recover   Finish or undo a run that was killed
  down      Take the whole stack away, its gateway too; the kept releases stay
  doctor    Check Docker, the machine and the stack, and say what to do about each problem
  report    Write an archive for a bug report, without passwords and other values of the stack
  init      Put the deployment scripts next to the stack
  version   Print the version

Global options:
  -f, --file <PATH>
          Compose file; can be given more than once

  -p, --project-name <NAME>
          Project name

      --profile <NAME>
          Profile to enable; can be given more than once

      --env-file <PATH>
          Env file instead of `.env`; can be given more than once

      --project-directory <PATH>
          Project directory instead of that of the first compose file

      --state <DIR>
          Folder of what is known of stacks: releases, journals, images; otherwise
          `/var/lib/backstay`, or the user's own

      --json
          Print JSON: one object a line

      --lang <LANGUAGE>
          Language: `en` or `zh-CN`; otherwise that of the locale

      --color <WHEN>
          Colour: `auto`, `always` or `never`

  -q, --quiet
          Print errors only

  -v, --verbose
          Print every line of builds and pulls, and long lists in full

  -h, --help
          Print help

  -V, --version
          Print the version
"#);
}

#[test]
fn the_help_in_chinese() {
    let said = Place::new().run("--lang zh-CN -h");
    assert_eq!(said.code, 0);
    insta::assert_snapshot!(said.stdout, @r#"
以事务方式部署、更新和回滚 Docker Compose 项目

用法: backstay [选项] <命令>

命令:
  deploy    部署整个项目：要么新版本健康运行，要么保持原状
  update    更新部分服务：要么全部以新版本健康运行，要么全部保持原状
  rollback  回滚到保留的版本
  backups   列出、查看、固定、迁移和删除备份
  data      列出、保存、恢复和测试数据
  cert      创建、查看和检查项目的证书
  gateway   由网关占用主机端口，容器在其后更换，请求不会丢失
  status    显示正在运行的内容、所属版本以及与该版本的差异
  recover   完成或撤销被强行终止的运行
  down      移除整个项目及其网关；保留的版本不受影响
  doctor    检查 Docker、本机和项目，并说明每个问题如何处理
  report    生成用于报告问题的压缩包，不含密码和项目中的其他值
  init      将部署脚本写入项目目录
  version   显示版本

全局选项:
  -f, --file <PATH>               Compose 文件；可多次指定
  -p, --project-name <NAME>       项目名称
      --profile <NAME>            启用的 profile；可多次指定
      --env-file <PATH>           代替 `.env` 的环境变量文件；可多次指定
      --project-directory <PATH>  项目目录，代替第一个 compose 文件所在的目录
      --state <DIR>               状态目录，保存各项目的版本、运行日志和镜像；默认为 `/var/lib/backstay`，或当前用户自己的目录
      --json                      输出 JSON，每行一个对象
      --lang <LANGUAGE>           语言：`en` 或 `zh-CN`；默认取自系统区域设置
      --color <WHEN>              颜色：`auto`、`always` 或 `never`
  -q, --quiet                     只输出错误
  -v, --verbose                   输出构建和拉取的每一行，并完整列出各项
  -h, --help                      显示帮助
  -V, --version                   显示版本
"#);
}

#[test]
fn the_help_of_a_verb_in_chinese() {
    let said = Place::new().run("rollback -h --lang zh-CN");
    insta::assert_snapshot!(said.stdout, @r#"
回滚到保留的版本

用法: backstay rollback [选项] [RELEASE|PATH]

参数:
  [RELEASE|PATH]  要回滚到的版本：名称、列表编号或备份目录的路径

选项:
      --updates                  回滚一次更新：只回滚其中的服务，其他服务保持不变；编号取自更新备份列表
  -y, --yes                      不询问确认，与 `--force` 相同
      --dry-run                  只显示计划，不做任何改动
      --wait-timeout <DURATION>  等待服务就绪的时长，如 `90s`、`1m30s`；默认由健康检查决定
      --no-rehearsal             占用主机端口的服务不先在当前容器旁预演
      --monitor <DURATION>       观察容器的时长，如 `5s`、`1m30s`，代替 `rollback_config.monitor`
      --leave-files              即使有无法恢复的文件或目录也回滚：它们保持现状
      --with-data                同时恢复随该版本保存的数据：此后写入的内容将不在其中
      --no-data                  不保存 `x-backstay.data` 指定的数据
      --no-hooks                 不运行 `x-backstay.hooks` 指定的钩子
      --keep-days <N>            删除早于此天数的备份，代替 x-backstay.retention；均未指定时为 7 天
      --keep-last <N>            最多保留的备份数量

全局选项:
  -f, --file <PATH>               Compose 文件；可多次指定
  -p, --project-name <NAME>       项目名称
      --profile <NAME>            启用的 profile；可多次指定
      --env-file <PATH>           代替 `.env` 的环境变量文件；可多次指定
      --project-directory <PATH>  项目目录，代替第一个 compose 文件所在的目录
      --state <DIR>               状态目录，保存各项目的版本、运行日志和镜像；默认为 `/var/lib/backstay`，或当前用户自己的目录
      --json                      输出 JSON，每行一个对象
      --lang <LANGUAGE>           语言：`en` 或 `zh-CN`；默认取自系统区域设置
      --color <WHEN>              颜色：`auto`、`always` 或 `never`
  -q, --quiet                     只输出错误
  -v, --verbose                   输出构建和拉取的每一行，并完整列出各项
  -h, --help                      显示帮助
"#);
}

#[test]
fn the_locale_decides_where_no_flag_does() {
    let place = Place::new();
    let output = place.command("deploy -h").env("LC_ALL", "zh_CN.UTF-8").output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(text.contains("用法: backstay deploy"), "{text}");
}

/// Help without the options that every verb has.
fn own(line: &str) -> String {
    let said = Place::new().run(line);
    let end = said.stdout.find("\nGlobal options:").or(said.stdout.find("\n全局选项:"));
    said.stdout[..end.unwrap()].to_owned()
}

#[test]
fn the_help_of_data() {
    insta::assert_snapshot!(own("data -h"), @r#"
List, save, bring back and test the data of releases

Usage: backstay data [OPTIONS] [COMMAND]

Commands:
  list     List the saved data, newest first
  save     Save the present data now; the release stays as it is
  restore  Bring saved data back; the release stays as it is
  verify   Restore saved data beside the stack, into containers and volumes of their own, and see
           that it is ready there
"#);
    insta::assert_snapshot!(own("data save -h"), @r#"
Save the present data now; the release stays as it is

Usage: backstay data save [OPTIONS]
"#);
    insta::assert_snapshot!(own("data restore -h"), @r#"
Bring saved data back; the release stays as it is

Usage: backstay data restore [OPTIONS] [RELEASE|PATH]

Arguments:
  [RELEASE|PATH]  Backup with the data: its name, a number of the list of backups, or the path of
                  its folder; without one, the newest

Options:
  -y, --yes      Do not ask; `--force` is the same
      --dry-run  Show the plan and touch nothing
"#);
}

#[test]
fn the_help_of_data_in_chinese() {
    insta::assert_snapshot!(own("data -h --lang zh-CN"), @r#"
列出、保存、恢复和测试数据

用法: backstay data [选项] [命令]

命令:
  list     列出已保存的数据，最新的在前
  save     立即保存当前数据，版本不变
  restore  恢复已保存的数据，运行的版本不变
  verify   在现有服务之外，用单独的容器和数据卷恢复已保存的数据，并检查其是否就绪
"#);
    insta::assert_snapshot!(own("data save --help --lang zh-CN"), @r#"
立即保存当前数据，版本不变

数据保存在一个新的备份中，可供 `backstay data restore` 和 `backstay rollback --with-data` 使用。

用法: backstay data save [选项]
"#);
    insta::assert_snapshot!(own("data restore --help --lang zh-CN"), @r#"
恢复已保存的数据，运行的版本不变

当前数据会先保存，以便撤回。失败或按 Ctrl-C 会撤销整个操作。

用法: backstay data restore [选项] [RELEASE|PATH]

参数:
  [RELEASE|PATH]
          含有数据的备份：名称、备份列表编号或备份目录的路径；未指定时为最新的一个

选项:
  -y, --yes
          不询问；`--force` 作用相同

      --dry-run
          只显示计划，不做任何改动
"#);
}
