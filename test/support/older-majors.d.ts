// The majors before the newest, under names of their own. What we call of them is typed alike in both.

declare module "express4" {
  import express from "express";
  export default express;
}

declare module "koa2" {
  import Koa from "koa";
  export default Koa;
}
